#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

#include "framework/base/text.h"
#include "framework/scenario/cache_attributes.h"
#include "framework/scenario/keys.h"
#include "framework/scenario/readers.h"

namespace buildlab::scenario {
namespace {

// What a kind takes where the file says nothing, and which cache modes make sense with it.
struct KindRules {
  Kind kind;
  std::vector<CacheMode> cache_modes;  // the first is the default
  int runs;
};

std::vector<CacheMode> runner_cache_modes() {
  std::vector<CacheMode> modes{CacheMode::none};
  for (const CacheMode mode : external_cache_modes()) modes.push_back(mode);
  return modes;
}

const std::vector<KindRules>& kind_rules() {
  static const std::vector<KindRules> k_rules = {
      {Kind::cold, {CacheMode::none}, 1},
      {Kind::warm, {CacheMode::builder}, 2},
      {Kind::edit, {CacheMode::builder}, 1},
      {Kind::reproducibility, {CacheMode::none}, 2},
      {Kind::ephemeral, runner_cache_modes(), 1},
      {Kind::matrix, {CacheMode::none}, 3},
      {Kind::replay, {CacheMode::builder, CacheMode::local, CacheMode::registry}, 1}};
  return k_rules;
}

bool is_name(std::string_view text) {
  const auto is_letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= 128 && is_letter_or_digit(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

template <typename Value>
std::optional<Value> choice(Fields& fields, std::string_view key, const std::vector<Value>& values) {
  const auto text = fields.text(key);
  if (!text) return std::nullopt;
  std::vector<std::string> known;
  for (const Value value : values) {
    if (to_string(value) == *text) return value;
    known.emplace_back(to_string(value));
  }
  fields.problem(key, fmt::format("cannot be \"{}\"{}", one_line(*text, 60), suggestion(*text, known)));
  return std::nullopt;
}

void read_kind(Fields& fields, Scenario& scenario) {
  std::vector<Kind> kinds;
  for (const KindRules& rules : kind_rules()) kinds.push_back(rules.kind);
  if (!fields.has("kind"))
    fields.missing("kind", "cold, warm, edit, reproducibility, ephemeral, matrix or replay");
  const auto kind = choice(fields, "kind", kinds);
  std::vector<CacheMode> modes = runner_cache_modes();
  modes.insert(modes.begin() + 1, CacheMode::builder);
  const auto mode = choice<CacheMode>(fields, "cache_mode", modes);
  const auto runs = fields.integer("runs", {1, 1000});
  if (!kind) return;
  scenario.kind = *kind;
  for (const KindRules& rules : kind_rules()) {
    if (rules.kind != *kind) continue;
    scenario.cache_mode = mode.value_or(rules.cache_modes.front());
    scenario.runs = runs ? static_cast<int>(*runs) : rules.runs;
    if (std::find(rules.cache_modes.begin(), rules.cache_modes.end(), scenario.cache_mode) !=
        rules.cache_modes.end())
      continue;
    std::vector<std::string_view> allowed;
    for (const CacheMode one : rules.cache_modes) allowed.push_back(to_string(one));
    const bool external = is_external(scenario.cache_mode);
    fields.problem("cache_mode",
                   fmt::format("\"{}\" makes no sense with kind \"{}\", which has {}{}",
                               to_string(scenario.cache_mode), to_string(*kind), fmt::join(allowed, ", "),
                               external ? "; kind \"ephemeral\" is the one with an external cache" : ""));
  }
  if (scenario.kind == Kind::reproducibility && scenario.runs < 2)
    fields.problem("runs", "must be at least 2 with kind \"reproducibility\": one build agrees with itself");
}

void read_network(Fields& fields, Scenario& scenario) {
  scenario.network = choice<Network>(fields, "network", {Network::direct, Network::proxy, Network::observed})
                         .value_or(scenario.network);
}

// "all", one name, or a list of words.
void read_variations(Fields& fields, Scenario& scenario) {
  const Json* value = fields.find("vary");
  if (value != nullptr) {
    std::vector<std::string> words;
    bool sound = true;
    if (value->is_string()) {
      words.push_back(value->get<std::string>());
    } else {
      const std::size_t before = fields.document().problems.size();
      words = fields.texts("vary");
      sound = fields.document().problems.size() == before;
    }
    auto variations = variation::parse_variations(words);
    if (sound && !variations) fields.problem("vary", "cannot be used: " + variations.error().message);
    if (variations) scenario.vary = std::move(*variations);
    if (scenario.kind != Kind::reproducibility && fields.has("kind"))
      fields.problem("vary", "is used with kind \"reproducibility\" only");
  }
  const auto builds = fields.integer("max_builds", {3, 1000});
  if (!builds) return;
  scenario.max_builds = static_cast<int>(*builds);
  if (value == nullptr) {
    fields.problem("max_builds", "is used with \"vary\" only");
  } else if (scenario.max_builds <= scenario.runs) {
    fields.problem("max_builds",
                   fmt::format("must be more than the {} builds with nothing varied", scenario.runs));
  }
}

void read_mutation_list(Fields& fields, Scenario& scenario) {
  scenario.input_mutation = read_mutations(fields, scenario.where_mutation);
  const Json* list = fields.find("input_mutation");
  const bool given = list != nullptr && !(list->is_array() && list->empty());
  if (scenario.kind == Kind::edit && !given && fields.has("kind")) {
    const char* example = "what to edit, for example [{\"append\": \"src/main.cpp\"}]";
    list == nullptr ? fields.missing("input_mutation", example)
                    : fields.problem("input_mutation", fmt::format("is empty: name {}", example));
  }
  if (scenario.kind == Kind::warm && given)
    fields.problem("input_mutation",
                   "makes no sense with kind \"warm\", whose inputs do not change; use kind \"edit\"");
}

void read_digest_gate(Fields& gates, GateSettings& settings) {
  const Json* value = gates.find("digest_stable");
  if (value == nullptr) return;
  if (value->is_boolean()) {
    settings.digest_stable = value->get<bool>() ? std::optional(DigestPolicy::manifest) : std::nullopt;
    return;
  }
  settings.digest_stable = choice<DigestPolicy>(
      gates, "digest_stable", {DigestPolicy::manifest, DigestPolicy::config, DigestPolicy::layers});
}

void read_policies(Fields& gates, GateSettings& settings) {
  if (!gates.has("ignore_differences")) return;
  for (const std::string& text : gates.texts("ignore_differences")) {
    auto policy = policy::parse_policy(text);
    if (policy) {
      settings.ignore_differences.push_back(std::move(*policy));
    } else {
      gates.problem("ignore_differences", fmt::format("cannot be used: {}; {}", policy.error().message,
                                                      fmt::join(policy.error().details, "; ")));
    }
  }
}

std::vector<std::string> read_selectors(Fields& gates, std::string_view key) {
  std::vector<std::string> selectors;
  for (const Fields::Element& element : gates.list(key)) {
    const Json& value = *element.value;
    if (value.is_string() && !trim(value.get_ref<const std::string&>()).empty()) {
      selectors.push_back(value.get<std::string>());
    } else if (value.is_number_unsigned() && value.get<std::uint64_t>() > 0) {
      selectors.push_back(to_line(value));
    } else {
      gates.problem(key,
                    fmt::format("must name steps by stage, line number or the start of their text, found {}",
                                kind_of(value)));
    }
  }
  return selectors;
}

void read_size_gate(Fields& gates, GateSettings& settings) {
  const Json* value = gates.find("max_image_size");
  if (value == nullptr) return;
  std::optional<Bytes> size;
  if (value->is_number_unsigned()) size = Bytes{value->get<std::uint64_t>()};
  if (value->is_string()) size = parse_size(value->get_ref<const std::string&>());
  if (!size || size->count == 0) {
    gates.problem(
        "max_image_size",
        fmt::format("must be a size like \"200MiB\" or a number of bytes, found {}", kind_of(*value)));
    return;
  }
  settings.max_image_size = size;
}

// What says how runs differ needs some; told of a kind that is known, as the number of runs comes from it.
void check_repeated(Fields& gates, const Scenario& scenario, bool kind_known) {
  if (scenario.kind == Kind::replay) return;  // refused whatever runs there are
  const auto needs = [&](const char* gate, bool set, std::size_t least) {
    if (!set || !kind_known || static_cast<std::size_t>(scenario.runs) >= least) return;
    gates.problem(
        gate, fmt::format("needs \"runs\": {} or more in the scenario, which has {}", least, scenario.runs));
  };
  needs("stable_hit_ratio", scenario.gates.stable_hit_ratio, 2);
  needs("max_spread", scenario.gates.max_spread.has_value(), k_least_runs_for_spread);
}

void read_confirmation(Fields& gates, GateSettings& settings) {
  const auto runs = gates.integer("confirmation_runs", {0, 100});
  settings.confirmation_budget_sec = gates.number("confirmation_budget_sec", {1, 1e6});
  const bool has_gate = settings.max_duration_sec || settings.max_duration_ratio;
  for (const char* key : {"confirmation_runs", "confirmation_budget_sec"}) {
    if (gates.has(key) && !has_gate)
      gates.problem(key, "is used with \"max_duration_sec\" or \"max_duration_ratio\" only");
  }
  if (!runs) return;
  settings.confirmation_runs = static_cast<int>(*runs);
  const int least =
      settings.max_duration_sec ? k_least_confirmations_of_limit : k_least_confirmations_of_ratio;
  if (has_gate && *runs > 0 && *runs < least)
    gates.problem(
        "confirmation_runs",
        fmt::format("must be {} or more with \"{}\", or 0 for none: fewer builds confirm nothing, "
                    "however surely they are slower, found {}",
                    least, settings.max_duration_sec ? "max_duration_sec" : "max_duration_ratio", *runs));
  if (*runs == 0 && settings.confirmation_budget_sec)
    gates.problem("confirmation_budget_sec", "is of no use with \"confirmation_runs\": 0");
}

void read_gates(Fields& gates, Scenario& scenario) {
  gates.allow_only(gate_keys());
  GateSettings& settings = scenario.gates;
  for (const auto& [key, value] : gates.json().items()) scenario.where_gate[key] = gates.where(key);
  read_digest_gate(gates, settings);
  settings.variations_stable = gates.flag("variations_stable").value_or(!scenario.vary.empty());
  if (settings.variations_stable && scenario.vary.empty() && gates.has("variations_stable"))
    gates.problem("variations_stable", "needs \"vary\" in the scenario: nothing is varied");
  read_policies(gates, settings);
  settings.min_hit_ratio = gates.number("min_hit_ratio", {0, 1});
  settings.min_time_weighted_hit_ratio = gates.number("min_time_weighted_hit_ratio", {0, 1});
  settings.stable_hit_ratio = gates.flag("stable_hit_ratio").value_or(false);
  settings.max_duration_sec = gates.number("max_duration_sec", {0.001, 1e6});
  if (auto ratio = gates.object("max_duration_ratio")) {
    ratio->allow_only(duration_ratio_keys());
    for (const std::string& key : duration_ratio_keys()) {
      if (!ratio->has(key))
        ratio->missing(key, "max_duration_ratio is {\"limit\": 0.5, \"of\": \"the other scenario's name\"}");
    }
    const auto limit = ratio->number("limit", {0.001, 1000});
    const auto of = ratio->text("of");
    if (limit && of) settings.max_duration_ratio = DurationRatio{*limit, *of};
  }
  settings.max_spread = gates.number("max_spread", {0.001, 10});
  settings.expect_cached = read_selectors(gates, "expect_cached");
  settings.expect_ran = read_selectors(gates, "expect_ran");
  for (const std::string& selector : settings.expect_ran) {
    const auto& cached = settings.expect_cached;
    if (std::find(cached.begin(), cached.end(), selector) != cached.end())
      gates.problem("expect_ran",
                    fmt::format("and \"expect_cached\" both name \"{}\"", one_line(selector, 60)));
  }
  read_size_gate(gates, settings);
  settings.strict_baseline = gates.flag("strict_baseline").value_or(false);
  read_confirmation(gates, settings);
}

void read_subject_name(Fields& fields, Scenario& scenario, const std::vector<std::string>& subjects) {
  if (const auto subject = fields.text("subject")) {
    scenario.subject = *subject;
    if (std::find(subjects.begin(), subjects.end(), *subject) == subjects.end())
      fields.problem("subject", fmt::format("\"{}\" is not declared{}", one_line(*subject, 60),
                                            suggestion(*subject, subjects)));
  } else if (subjects.size() == 1) {
    scenario.subject = subjects.front();
  } else if (!fields.has("subject") && !subjects.empty()) {
    fields.missing("subject", fmt::format("one of {}", fmt::join(subjects, ", ")));
  }
}

}  // namespace

ReadScenario read_scenario(Fields& fields, const std::vector<std::string>& subjects) {
  ReadScenario read;
  Scenario& scenario = read.scenario;
  const std::vector<Problem>& problems = fields.document().problems;
  scenario.where = fields.where();
  if (const Json* name = fields.find("name"); name != nullptr && name->is_string())
    fields.rename(fmt::format("scenario \"{}\"", one_line(name->get<std::string>(), 60)));
  fields.allow_only(scenario_keys());
  if (!fields.has("name")) fields.missing("name", "letters, digits, \".\", \"_\" and \"-\"");
  if (const auto name = fields.text("name")) {
    scenario.name = *name;
    scenario.where = fields.where("name");
    if (!is_name(*name))
      fields.problem(
          "name",
          "must be letters, digits, \".\", \"_\" and \"-\", at most 128, starting with a letter or digit");
  }
  read_subject_name(fields, scenario, subjects);
  read_kind(fields, scenario);
  read_cache(fields, scenario);
  read_backends(fields, scenario);
  read_network(fields, scenario);
  read_faults(fields, scenario);
  read_no_cache(fields, scenario);
  read_preimages(fields, scenario);
  read_commits(fields, scenario);
  read_adaptive(fields, scenario);
  read_variations(fields, scenario);
  std::size_t before = problems.size();
  read_mutation_list(fields, scenario);
  read.mutations_sound = problems.size() == before;
  before = problems.size();
  if (auto gates = fields.object("gates")) {
    read_gates(*gates, scenario);
    check_repeated(*gates, scenario, fields.has("kind"));
    if (gates->has("ignore_differences") && scenario.kind != Kind::reproducibility && fields.has("kind"))
      gates->problem("ignore_differences", "is used with kind \"reproducibility\" only");
  }
  read.gates_sound = problems.size() == before;
  if (scenario.kind == Kind::reproducibility && scenario.where_gate.count("digest_stable") == 0)
    scenario.gates.digest_stable = DigestPolicy::manifest;
  if (scenario.where_gate.count("variations_stable") == 0)
    scenario.gates.variations_stable = !scenario.vary.empty();
  scenario.timeout_sec = fields.number("timeout_sec", {1, 604800}).value_or(scenario.timeout_sec);
  scenario.labels = fields.texts("labels");
  for (const std::string& label : scenario.labels) {
    // CTest keeps labels in a list separated by semicolons.
    if (label.find_first_of(";\n") != std::string::npos)
      fields.problem("labels", fmt::format("may hold no semicolon, found \"{}\"", one_line(label, 60)));
  }
  return read;
}

}  // namespace buildlab::scenario
