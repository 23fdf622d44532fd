#include "framework/run/map.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/dockerfile/inputs.h"
#include "framework/invalidation/path_class.h"
#include "framework/process/interrupt.h"
#include "framework/run/subject_state.h"
#include "framework/scenario/comment.h"
#include "framework/scenario/context_files.h"

namespace buildlab::run {
namespace {

constexpr std::size_t k_most_files = 500'000;

struct ColdBuild {
  std::vector<metrics::Step> steps;
  std::string run_id;
  bool same_dockerfile = true;
};

std::optional<ColdBuild> newest_cold_build(const scenario::ScenarioFile& file, const record::Store& store,
                                           const SubjectState& state) {
  for (const scenario::Scenario& scenario : file.scenarios) {
    if (scenario.kind != scenario::Kind::cold) continue;
    const auto record = store.latest(scenario.name, [&](const record::ScenarioRecord& candidate) {
      return candidate.kind == "cold" && candidate.subject.same_declaration(state.key) &&
             std::any_of(candidate.builds.begin(), candidate.builds.end(),
                         [](const record::Build& build) { return build.valid; });
    });
    if (!record || !*record) continue;
    for (const record::Build& build : (*record)->builds) {
      if (!build.valid) continue;
      return ColdBuild{build.numbers.steps, (*record)->run_id,
                       (*record)->circumstances.dockerfile_digest == state.dockerfile_digest.text()};
    }
  }
  return std::nullopt;
}

Result<std::vector<invalidation::File>> context_files(const scenario::Subject& subject) {
  BUILDLAB_ASSIGN(const dockerfile::IgnoreRules rules,
                  scenario::load_ignore_rules(subject.context, subject.dockerfile));
  std::vector<invalidation::File> files;
  for (const scenario::ContextFile& file : scenario::list_context(subject.context, rules, k_most_files))
    files.push_back({file.path, file.size_bytes});
  return files;
}

// A file of the class whose language has comments, the largest; else the class's example.
std::string file_to_edit(const invalidation::Map& map, const invalidation::ClassRow& row,
                         const std::vector<invalidation::File>& files) {
  const std::string name = invalidation::path_class(row.example);
  const invalidation::File* best = nullptr;
  for (const invalidation::File& file : files) {
    if (invalidation::path_class(file.path) != name || !scenario::comment_syntax(file.path)) continue;
    if (invalidation::readers_of(map.steps, file.path) != row.readers) continue;
    if (best == nullptr || file.size_bytes > best->size_bytes) best = &file;
  }
  return best != nullptr ? best->path : row.example;
}

scenario::Scenario probe_scenario(const scenario::Subject& subject, std::size_t number,
                                  const std::string& path) {
  scenario::Scenario scenario;
  scenario.name = fmt::format("map.probe-{}", number);
  scenario.subject = subject.name;
  scenario.kind = scenario::Kind::edit;
  scenario.cache_mode = scenario::CacheMode::builder;
  scenario::AppendText append{path, std::nullopt};
  if (!scenario::comment_syntax(path)) append.text = "\n";  // JSON and the like take a blank line
  scenario.input_mutation = {append};
  return scenario;
}

void take_probe(const record::ScenarioRecord& record, const std::string& path, const invalidation::Map& map,
                invalidation::ClassRow& row) {
  if (record.error || record.builds.empty() || !record.builds.front().valid) {
    row.unprobed = record.error.value_or(
        record.builds.empty() ? "nothing was built" : record.builds.front().invalid_reason.value_or(""));
    row.unprobed = fmt::format("an edit of {} could not be measured: {}", path, *row.unprobed);
    return;
  }
  const record::Build& build = record.builds.front();
  std::vector<invalidation::ProbedStep> ran;
  for (const metrics::Step& step : build.numbers.steps) {
    if (step.outcome == metrics::StepOutcome::ran)
      ran.push_back({step.stage, step.lines.first, step.text, step.seconds.value_or(0)});
  }
  row.probe = invalidation::judge_probe(map.steps, row, ran);
  row.probe->path = path;
  row.probe->duration_sec = build.duration_sec;
  row.probe->critical_path_sec = build.numbers.critical_path_sec;
}

}  // namespace

Result<invalidation::Map> derive_map(const scenario::ScenarioFile& file, const record::Store& store,
                                     const scenario::Subject& subject) {
  BUILDLAB_ASSIGN(const SubjectState state, read_subject(subject, file.path));
  BUILDLAB_ASSIGN(
      const std::vector<dockerfile::StageInputs> inputs,
      dockerfile::target_inputs(state.dockerfile, subject.target, subject.build_args, subject.platform));
  BUILDLAB_ASSIGN(const std::vector<invalidation::File> files, context_files(subject));
  const std::optional<ColdBuild> cold = newest_cold_build(file, store, state);
  invalidation::Map map;
  map.subject = subject.name;
  map.dockerfile = state.dockerfile_path;
  map.steps =
      invalidation::make_graph(state.dockerfile, inputs, cold ? cold->steps : std::vector<metrics::Step>());
  map.rows = invalidation::class_rows(map.steps, files);
  if (cold) map.seconds_from = cold->run_id;
  if (!cold)
    map.notes.emplace_back(
        "no build from nothing is recorded yet, so nothing is known of seconds: run a cold "
        "scenario of the subject");
  if (cold && !cold->same_dockerfile)
    map.notes.emplace_back(
        "the recorded build from nothing is of another state of the Dockerfile: steps that "
        "it does not have are without seconds");
  if (files.size() >= k_most_files)
    map.notes.push_back(
        fmt::format("the context has more than {} files; the rest is not in the map", k_most_files));
  return map;
}

Status probe_map(Session& session, const scenario::Subject& subject, std::size_t count,
                 invalidation::Map& map) {
  BUILDLAB_ASSIGN(const std::vector<invalidation::File> files, context_files(subject));
  std::size_t probed = 0;
  for (invalidation::ClassRow& row : map.rows) {
    if (probed == count) break;
    if (row.affected.empty()) continue;
    const std::string path = file_to_edit(map, row, files);
    BUILDLAB_ASSIGN(const record::ScenarioRecord record,
                    session.run(probe_scenario(subject, ++probed, path)));
    if (process::interrupted()) return fail(ErrorKind::interrupted, "interrupted");
    if (record.outcome == verdict::Outcome::infrastructure)
      return fail(ErrorKind::infrastructure, record.error.value_or("a probe could not be built"),
                  record.error_details);
    take_probe(record, path, map, row);
  }
  invalidation::sort_rows(map.rows);
  return {};
}

}  // namespace buildlab::run
