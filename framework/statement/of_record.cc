#include "framework/statement/of_record.h"

#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "framework/base/digest.h"

namespace buildlab::statement {
namespace {

std::string name_of(const record::ScenarioRecord& record) {
  return fmt::format("{}/{}", record.run_id, record.name);
}

// Digests of the valid builds, most frequent first, equal ones in the order of their first build.
Result<std::vector<DigestCount>> count_digests(const record::ScenarioRecord& record) {
  std::vector<DigestCount> counts;
  for (const record::Build& build : record.builds) {
    if (!build.valid || !build.image) continue;
    BUILDLAB_ASSIGN(const Digest digest, Digest::parse(build.image->digest));
    const auto found = std::find_if(counts.begin(), counts.end(),
                                    [&](const DigestCount& count) { return count.digest == digest.text(); });
    if (found == counts.end()) {
      counts.push_back({digest.text(), 1});
    } else {
      ++found->builds;
    }
  }
  std::stable_sort(counts.begin(), counts.end(),
                   [](const DigestCount& a, const DigestCount& b) { return a.builds > b.builds; });
  return counts;
}

// Whether the digest gate was asked to overlook what differs (its policy compares configs or layers).
bool differences_are_tolerated(const record::ScenarioRecord& record) {
  return std::any_of(record.gates.begin(), record.gates.end(), [](const auto& verdict) {
    return verdict.gate == "digest_stable" && to_string(verdict.ruling) == "pass";
  });
}

std::vector<std::string> missing_builds(const record::ScenarioRecord& record) {
  std::vector<std::string> lines;
  for (const record::Build& build : record.builds) {
    if (build.valid && build.image) continue;
    const std::string why = build.failure ? *build.failure : build.invalid_reason.value_or("it has no image");
    lines.push_back(fmt::format("build {}: {}", build.iteration, why));
  }
  return lines;
}

Result<Grade> judge(const record::ScenarioRecord& record, const std::vector<DigestCount>& digests) {
  if (digests.size() > 1) return differences_are_tolerated(record) ? Grade::warned : Grade::failed;
  std::vector<std::string> missing = missing_builds(record);
  if (record.error) missing.insert(missing.begin(), *record.error);
  if (!missing.empty() || digests.empty()) {
    return fail(ErrorKind::not_evaluable,
                fmt::format("{}: not every build can be counted, so there is no verdict", name_of(record)),
                std::move(missing));
  }
  if (digests.front().builds < 2) {
    return fail(ErrorKind::not_evaluable,
                fmt::format("{}: one build alone shows no stability", name_of(record)),
                {"set \"runs\" to 2 or more"});
  }
  return Grade::passed;
}

Settings settings_of(const record::ScenarioRecord& record) {
  Settings settings;
  settings.platform = record.subject.platform;
  settings.target = record.subject.target;
  for (const auto& [name, value] : record.subject.build_args) settings.build_args.push_back(name);
  settings.input_mutation = record.input_mutation;
  settings.source_date_epoch = record.circumstances.source_date_epoch;
  settings.rewrite_timestamp = record.circumstances.rewrite_timestamp;
  return settings;
}

// One line of JSON with everything in it, values of build arguments too, so that equal digests mean equal
// settings (docs/verdict.md).
std::string settings_digest(const Settings& settings, const record::SubjectKey& subject) {
  Json build_args = Json::object();
  for (const auto& [name, value] : subject.build_args) build_args[name] = value;
  const Json json{
      {"build_args", std::move(build_args)},
      {"input_mutation", settings.input_mutation},
      {"platform", settings.platform},
      {"rewrite_timestamp", settings.rewrite_timestamp},
      {"source_date_epoch", settings.source_date_epoch ? Json(*settings.source_date_epoch) : Json()},
      {"target", settings.target}};
  return sha256(to_line(json)).text();
}

Result<std::vector<Resource>> configuration_of(const record::ScenarioRecord& record,
                                               const Settings& settings) {
  const record::Circumstances& circumstances = record.circumstances;
  std::set<std::pair<std::string, std::string>> bases;
  for (const record::Base& base : circumstances.bases) bases.emplace("base:" + base.reference, base.digest);
  std::vector<Resource> configuration{{k_dockerfile_resource, "", circumstances.dockerfile_digest},
                                      {k_context_resource, "", circumstances.context_digest},
                                      {k_settings_resource, "", settings_digest(settings, record.subject)}};
  for (const auto& [name, digest] : bases) configuration.push_back({name, "", digest});
  for (const Resource& resource : configuration) {
    if (Digest::parse(resource.digest)) continue;
    return fail(ErrorKind::not_evaluable,
                fmt::format("{}: the record has no digest of {}", name_of(record), resource.name));
  }
  return configuration;
}

Machine machine_of(const record::Circumstances& circumstances, const std::string& host) {
  return {circumstances.tool_version,
          circumstances.buildkit_version,
          circumstances.runc_version,
          circumstances.snapshotter,
          circumstances.kernel,
          circumstances.cores,
          host};
}

void add_test(Statement& statement, Grade grade, const std::string& name) {
  switch (grade) {
    case Grade::passed:
      statement.passed.push_back(name);
      break;
    case Grade::warned:
      statement.warned.push_back(name);
      break;
    case Grade::failed:
      statement.failed.push_back(name);
      break;
  }
}

void add_variation(Statement& statement, const record::VariationRow& row) {
  switch (row.outcome) {
    case variation::Outcome::passed:
      return add_test(statement, Grade::passed, row.name);
    case variation::Outcome::failed:
    case variation::Outcome::flaky:
      return add_test(statement, Grade::failed, row.name);
    case variation::Outcome::unknown:
      return add_test(statement, Grade::warned, row.name);
    case variation::Outcome::not_applied:
      statement.rounds->not_applied.push_back({row.name, row.reason});
  }
}

}  // namespace

Result<Statement> of_record(const record::ScenarioRecord& record, const std::string& host) {
  if (record.kind != "reproducibility") {
    return fail(ErrorKind::usage,
                fmt::format("{} is of kind {}: only reproducibility scenarios have a verdict", record.name,
                            record.kind));
  }
  BUILDLAB_ASSIGN(std::vector<DigestCount> digests, count_digests(record));
  BUILDLAB_ASSIGN(const Grade base, judge(record, digests));

  Statement statement;
  for (const DigestCount& count : digests) statement.subjects.push_back({"", count.digest});
  if (digests.size() == 1) statement.subjects.front().name = record.subject.name;

  Rounds rounds;
  rounds.scenario = record.name;
  rounds.run_id = record.run_id;
  rounds.settings = settings_of(record);
  rounds.runs = static_cast<int>(record.builds.size());
  rounds.digests = std::move(digests);
  rounds.machine = machine_of(record.circumstances, host);
  rounds.started = record.started;
  rounds.finished = record.finished;
  BUILDLAB_ASSIGN(statement.configuration, configuration_of(record, rounds.settings));
  statement.rounds = std::move(rounds);

  add_test(statement, base, k_base_test);
  for (const record::VariationRow& row : record.variations) add_variation(statement, row);
  statement.result = !statement.failed.empty()   ? Grade::failed
                     : !statement.warned.empty() ? Grade::warned
                                                 : Grade::passed;
  const std::vector<std::string> wrong = contradictions(statement);
  if (!wrong.empty()) {
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: its statement would contradict itself", name_of(record)), wrong);
  }
  return statement;
}

}  // namespace buildlab::statement
