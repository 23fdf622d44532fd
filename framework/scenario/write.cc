#include "framework/scenario/write.h"

#include <fmt/format.h>

#include "framework/base/platform.h"

namespace buildlab::scenario {
namespace {

std::string relative_text(const std::filesystem::path& path, const std::filesystem::path& folder) {
  const std::filesystem::path relative = path.lexically_relative(folder);
  return relative.empty() ? path.string() : relative.string();
}

struct Write {
  Json operator()(const AppendText& m) const { return with_text({{"append", m.path.string()}}, m.text); }
  Json operator()(const ReplaceText& m) const {
    return {{"replace", m.path.string()}, {"from", m.from}, {"to", m.to}};
  }
  Json operator()(const Touch& m) const { return {{"touch", m.path.string()}}; }
  Json operator()(const Chmod& m) const {
    return {{"chmod", m.path.string()}, {"mode", fmt::format("{:04o}", m.mode)}};
  }
  Json operator()(const AddFile& m) const { return with_text({{"add", m.path.string()}}, m.text); }
  Json operator()(const Delete& m) const { return {{"delete", m.path.string()}}; }
  Json operator()(const Rename& m) const { return {{"rename", m.from.string()}, {"to", m.to.string()}}; }
  Json operator()(const ApplyPatch& m) const { return {{"patch", m.patch.string()}}; }
  Json operator()(const SetBuildArg& m) const { return {{"set_build_arg", m.name}, {"value", m.value}}; }
  Json operator()(const RunCommand& m) const {
    Json json = Json::object();
    json["run"] = m.argv;
    return json;
  }

  static Json with_text(Json json, const std::optional<std::string>& text) {
    if (text) json["text"] = *text;
    return json;
  }
};

Json gates_json(const GateSettings& gates, Kind kind, bool varies) {
  Json json = Json::object();
  const bool by_default = kind == Kind::reproducibility;
  if (gates.digest_stable) {
    if (*gates.digest_stable != DigestPolicy::manifest) {
      json["digest_stable"] = to_string(*gates.digest_stable);
    } else if (!by_default) {
      json["digest_stable"] = true;
    }
  } else if (by_default) {
    json["digest_stable"] = false;
  }
  if (varies && !gates.variations_stable) json["variations_stable"] = false;
  for (const policy::Policy& policy : gates.ignore_differences)
    json["ignore_differences"].push_back(to_string(policy));
  if (gates.min_hit_ratio) json["min_hit_ratio"] = *gates.min_hit_ratio;
  if (gates.min_time_weighted_hit_ratio)
    json["min_time_weighted_hit_ratio"] = *gates.min_time_weighted_hit_ratio;
  if (gates.stable_hit_ratio) json["stable_hit_ratio"] = true;
  if (gates.max_duration_sec) json["max_duration_sec"] = *gates.max_duration_sec;
  if (gates.max_duration_ratio)
    json["max_duration_ratio"] = {{"limit", gates.max_duration_ratio->limit},
                                  {"of", gates.max_duration_ratio->of}};
  if (gates.max_spread) json["max_spread"] = *gates.max_spread;
  if (!gates.expect_cached.empty()) json["expect_cached"] = gates.expect_cached;
  if (!gates.expect_ran.empty()) json["expect_ran"] = gates.expect_ran;
  if (gates.max_image_size) json["max_image_size"] = gates.max_image_size->count;
  if (gates.strict_baseline) json["strict_baseline"] = true;
  if (gates.confirmation_runs != k_confirmation_runs) json["confirmation_runs"] = gates.confirmation_runs;
  if (gates.confirmation_budget_sec) json["confirmation_budget_sec"] = *gates.confirmation_budget_sec;
  return json;
}

Json vary_json(const std::vector<variation::Variation>& variations) {
  if (const auto all = variation::parse_variations({"all"}); all && *all == variations) return "all";
  Json names = Json::array();
  for (const variation::Variation& variation : variations) names.push_back(to_string(variation));
  return names;
}

void write_adaptive(Json& json, const AdaptiveRuns& adaptive) {
  json["max_runs"] = adaptive.most;
  if (adaptive.until_interval != AdaptiveRuns().until_interval)
    json["until_interval"] = adaptive.until_interval;
  if (adaptive.time_budget_sec) json["time_budget_sec"] = *adaptive.time_budget_sec;
}

int default_runs(Kind kind) {
  if (kind == Kind::matrix) return 3;
  return kind == Kind::warm || kind == Kind::reproducibility ? 2 : 1;
}

CacheMode default_cache_mode(Kind kind) {
  const bool kept = kind == Kind::warm || kind == Kind::edit || kind == Kind::replay;
  return kept ? CacheMode::builder : CacheMode::none;
}

}  // namespace

Json to_json(const Mutation& mutation) {
  return std::visit(Write{}, mutation);
}

Json to_json(const Subject& subject, const std::filesystem::path& folder) {
  Json json = Json::object();
  json["context"] = relative_text(subject.context, folder);
  json["dockerfile"] = subject.dockerfile.string();
  if (subject.target) json["target"] = *subject.target;
  if (!subject.build_args.empty()) json["build_args"] = subject.build_args;
  if (subject.platform != host_platform()) json["platform"] = subject.platform;
  if (subject.local_base) json["local_base"] = true;
  for (const Secret& secret : subject.secrets) {
    Json entry{{"id", secret.id}};
    if (const auto* file = std::get_if<std::filesystem::path>(&secret.source))
      entry["file"] = relative_text(*file, folder);
    if (const auto* name = std::get_if<std::string>(&secret.source)) entry["env"] = *name;
    json["secrets"].push_back(std::move(entry));
  }
  if (!subject.set_source_date_epoch) json["source_date_epoch"] = false;
  if (subject.source_date_epoch) json["source_date_epoch"] = *subject.source_date_epoch;
  if (!subject.rewrite_timestamp) json["rewrite_timestamp"] = false;
  return json;
}

Json to_json(const Scenario& scenario) {
  const Scenario plain;
  Json json{{"name", scenario.name}, {"subject", scenario.subject}, {"kind", to_string(scenario.kind)}};
  if (scenario.cache_mode != default_cache_mode(scenario.kind))
    json["cache_mode"] = to_string(scenario.cache_mode);
  if (!scenario.commits.empty()) {
    const bool is_number = scenario.commits.find_first_not_of("0123456789") == std::string::npos;
    json["commits"] = is_number ? Json(std::stoi(scenario.commits)) : Json(scenario.commits);
  }
  if (scenario.cache_ref) json["cache_ref"] = *scenario.cache_ref;
  if (scenario.cache_export_mode != plain.cache_export_mode)
    json["cache_export_mode"] = scenario.cache_export_mode;
  if (!scenario.cache_attributes.empty())
    json["cache_attributes"] = cache_attributes_json(scenario.cache_mode, scenario.cache_attributes);
  for (const Backend& backend : scenario.backends) json["backends"].push_back(to_json(backend));
  for (const fault::Fault& fault : scenario.faults) json["faults"].push_back(to_json(fault));
  if (!scenario.no_cache.empty()) json["no_cache"] = scenario.no_cache;
  if (scenario.cache_preimages) json["cache_preimages"] = true;
  if (scenario.runs != default_runs(scenario.kind)) json["runs"] = scenario.runs;
  if (scenario.adaptive) write_adaptive(json, *scenario.adaptive);
  if (scenario.network != plain.network) json["network"] = to_string(scenario.network);
  if (!scenario.vary.empty()) json["vary"] = vary_json(scenario.vary);
  if (scenario.max_builds != plain.max_builds) json["max_builds"] = scenario.max_builds;
  for (const Mutation& mutation : scenario.input_mutation)
    json["input_mutation"].push_back(to_json(mutation));
  Json gates = gates_json(scenario.gates, scenario.kind, !scenario.vary.empty());
  if (!gates.empty()) json["gates"] = std::move(gates);
  if (scenario.timeout_sec != plain.timeout_sec) json["timeout_sec"] = scenario.timeout_sec;
  if (!scenario.labels.empty()) json["labels"] = scenario.labels;
  return json;
}

Json to_json(const ScenarioFile& file) {
  Json json{{"schema_version", 1}, {"subjects", Json::object()}, {"scenarios", Json::array()}};
  for (const Subject& subject : file.subjects)
    json["subjects"][subject.name] = to_json(subject, file.path.parent_path());
  for (const Scenario& scenario : file.scenarios) json["scenarios"].push_back(to_json(scenario));
  return json;
}

}  // namespace buildlab::scenario
