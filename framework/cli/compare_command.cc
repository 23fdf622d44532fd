#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "framework/cli/baseline_file.h"
#include "framework/cli/commands.h"
#include "framework/cli/compare_verdict.h"
#include "framework/cli/console.h"
#include "framework/cli/project.h"
#include "framework/report/compare.h"

namespace buildlab::cli {
namespace {

using Records = std::vector<record::ScenarioRecord>;

// RUN or RUN/SCENARIO.
Result<Records> load(const record::Store& store, const std::string& name) {
  const auto slash = name.find('/');
  const std::string run_id = name.substr(0, slash);
  BUILDLAB_ASSIGN(const std::vector<record::Entry> entries, store.list());
  Records records;
  for (const record::Entry& entry : entries) {
    if (entry.run_id != run_id) continue;
    if (slash != std::string::npos && entry.scenario != name.substr(slash + 1)) continue;
    BUILDLAB_ASSIGN(record::ScenarioRecord record, store.load(entry));
    if (slash == std::string::npos && !record::is_complete(record)) continue;
    records.push_back(std::move(record));
  }
  if (records.empty()) {
    return fail(ErrorKind::usage, fmt::format("no record \"{}\"", name),
                {"name a run (build-lab list shows the last ones) or RUN/SCENARIO",
                 fmt::format("looked in {}", store.folder().string())});
  }
  return records;
}

// Finished runs in which at least one scenario came to its end, oldest first.
Result<std::vector<std::string>> comparable_runs(const record::Store& store) {
  BUILDLAB_ASSIGN(std::vector<std::string> runs, store.run_ids());
  BUILDLAB_ASSIGN(const std::vector<record::Entry> entries, store.list());
  std::set<std::string> complete;
  for (const record::Entry& entry : entries) {
    const auto outcome = verdict::parse_outcome(entry.outcome);
    if (outcome && record::is_complete(*outcome)) complete.insert(entry.run_id);
  }
  std::erase_if(runs, [&complete](const std::string& run) { return !complete.contains(run); });
  return runs;
}

Result<verdict::Outcome> judge(const Compare& options, const report::Comparison& comparison) {
  BUILDLAB_TRY(write_stdout(options.common.json
                                ? report::to_json(comparison)
                                : report::to_text(comparison, colour_on_stdout(options.common.no_color))));
  const CompareVerdict judged = judge_comparison(comparison, options.fail_on);
  if (!judged.why.empty()) write_stderr(judged.why);
  return judged.outcome;
}

// A file's rows against the newest records. One that cannot be compared is named, and nothing is green then.
Result<verdict::Outcome> compare_with_file(const Compare& options, const Project& project) {
  BUILDLAB_ASSIGN(const std::optional<record::Baseline> baseline, load_baseline(*options.baseline));
  if (!baseline) {
    return fail(ErrorKind::usage, fmt::format("{}: there is no such file", options.baseline->string()),
                {fmt::format("build-lab baseline {} makes it", options.baseline->string())});
  }
  BUILDLAB_ASSIGN(std::vector<record::ScenarioRecord> records, whole_records(project));
  const BaselineSides sides = sides_of(*baseline, std::move(records));
  for (const std::string& refused : sides.refused)
    write_stderr(fmt::format("cannot be compared with the baseline: {}\n", refused));
  report::Comparison comparison = report::compare(sides.before, sides.after, options.pace);
  for (report::ComparisonRow& row : comparison.rows) row.before_digest = row.after_digest = "";  // not in it
  comparison.unpaired.insert(comparison.unpaired.end(), sides.refused.begin(), sides.refused.end());
  BUILDLAB_ASSIGN(const verdict::Outcome outcome, judge(options, comparison));
  return sides.refused.empty() ? outcome : verdict::worst(outcome, verdict::Outcome::not_evaluated);
}

}  // namespace

Result<verdict::Outcome> compare_runs(const Compare& options) {
  BUILDLAB_ASSIGN(const Project project, open_project(options.common, FileCheck::none));
  if (options.baseline) return compare_with_file(options, project);
  std::vector<std::string> names = options.records;
  if (options.last) {
    BUILDLAB_ASSIGN(const std::vector<std::string> runs, comparable_runs(project.store));
    const auto wanted = static_cast<std::size_t>(*options.last);
    if (runs.size() < wanted) {
      return fail(ErrorKind::not_evaluable,
                  fmt::format("{} finished runs are recorded, {} are needed to compare", runs.size(), wanted),
                  {"build-lab run makes one", fmt::format("looked in {}", project.store.folder().string())});
    }
    names = {runs[runs.size() - wanted], runs.back()};
  }
  BUILDLAB_ASSIGN(const Records before, load(project.store, names.front()));
  BUILDLAB_ASSIGN(const Records after, load(project.store, names.back()));
  return judge(options, report::compare(before, after, options.pace));
}

}  // namespace buildlab::cli
