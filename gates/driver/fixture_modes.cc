// The two ends of a ctest run: buildlab.setup and buildlab.finish.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>

#include "framework/advisor/advice.h"
#include "framework/base/environment.h"
#include "framework/base/file.h"
#include "framework/engine/toolchain.h"
#include "framework/process/interrupt.h"
#include "framework/record/store.h"
#include "framework/report/report.h"
#include "framework/run/clean.h"
#include "framework/run/subject_state.h"
#include "framework/scenario/parse.h"
#include "framework/verdict/verdict.h"
#include "gates/driver/ctest_run.h"
#include "gates/driver/modes.h"
#include "gates/driver/output.h"
#include "gates/driver/run_scenario.h"
#include "gates/driver/summary.h"

namespace buildlab::gates {
namespace fs = std::filesystem;
namespace {

Status sweep(const fs::path& store) {
  BUILDLAB_ASSIGN(const run::Removed removed, run::remove_leftovers(store));
  for (const std::string& what : removed.what) say("removed what an earlier run left: " + what);
  return {};
}

// Every scenario shares this file, so its problems are told once, here.
Status set_up(const DriverOptions& options) {
  BUILDLAB_ASSIGN(const scenario::ScenarioFile file, scenario::read_scenario_file(options.file));
  BUILDLAB_ASSIGN(record::Store store, record::Store::open(options.store));
  BUILDLAB_TRY(sweep(options.store));
  BUILDLAB_ASSIGN(const engine::Toolchain toolchain, engine::require_toolchain(options.installer));
  BUILDLAB_ASSIGN(const std::string run_id, store.open_run());
  BUILDLAB_TRY(add_run(options.store, ::getppid(), run_id));
  say(fmt::format("buildkitd {} ({}) at {}; {} scenario(s); record {}", toolchain.buildkitd.version,
                  toolchain.buildkitd.origin, toolchain.buildkitd.path.string(), file.scenarios.size(),
                  run_id));
  return {};
}

// The newest record of each scenario in these runs, in the file's order.
Result<std::vector<record::ScenarioRecord>> records_of(const record::Store& store, const CtestRun& run,
                                                       const std::vector<std::string>& order) {
  BUILDLAB_ASSIGN(const std::vector<record::Entry> entries, store.list());
  std::map<std::string, record::Entry> newest;
  for (const record::Entry& entry : entries) {
    if (std::find(run.run_ids.begin(), run.run_ids.end(), entry.run_id) != run.run_ids.end()) {
      newest.insert_or_assign(entry.scenario, entry);
    }
  }
  std::vector<record::ScenarioRecord> records;
  const auto take = [&](const std::string& name) -> Status {
    const auto found = newest.find(name);
    if (found == newest.end()) return {};
    BUILDLAB_ASSIGN(record::ScenarioRecord record, store.load(found->second));
    records.push_back(std::move(record));
    newest.erase(found);
    return {};
  };
  for (const std::string& name : order) BUILDLAB_TRY(take(name));
  while (!newest.empty()) BUILDLAB_TRY(take(std::string(newest.begin()->first)));
  return records;
}

Status write_results(const record::Store& store, const std::vector<SubjectReport>& reports) {
  const fs::path& folder = store.folder();
  // Outside a repository absolute: the build folder does not tell where the sources are.
  const std::string runs_folder = run::display_path(store.runs_folder(), {});
  const std::string markdown = summary_markdown(reports);
  BUILDLAB_TRY(write_file_atomic(folder / "summary.md", markdown));
  BUILDLAB_TRY(write_file_atomic(folder / "junit.xml", summary_junit(reports, runs_folder)));
  BUILDLAB_TRY(write_file_atomic(folder / "annotations.txt", summary_annotations(reports)));
  if (const std::string summary = environment("GITHUB_STEP_SUMMARY"); !summary.empty()) {
    BUILDLAB_TRY(append_to_file(summary, markdown));
  }
  return {};
}

Status finish(const DriverOptions& options) {
  BUILDLAB_TRY(sweep(options.store));
  BUILDLAB_ASSIGN(const std::optional<CtestRun> run, read_ctest_run(options.store, ::getppid()));
  if (!run) {
    say("buildlab.setup was not run by this ctest; there is no run to finish");
    return {};
  }
  BUILDLAB_ASSIGN(record::Store store, record::Store::open(options.store));
  const auto file = scenario::read_scenario_file(options.file);
  std::vector<std::string> order;
  if (file) {
    for (const scenario::Scenario& scenario : file->scenarios) order.push_back(scenario.name);
  }
  BUILDLAB_ASSIGN(std::vector<record::ScenarioRecord> records, records_of(store, *run, order));
  if (run->setup_error) records.insert(records.begin(), record_of(*run->setup_error, "buildlab.setup"));
  BUILDLAB_TRY(write_results(store, group_by_subject(records)));
  for (const std::string& run_id : run->run_ids) BUILDLAB_TRY(store.finish_run(run_id));
  BUILDLAB_TRY(end_ctest_run(options.store, ::getppid()));
  BUILDLAB_TRY(store.prune_artifacts().map([](std::uint64_t) {}));
  for (const record::ScenarioRecord& record : records) say(report::scenario_line(record, false));
  say(fmt::format("summary: {}", (options.store / "summary.md").string()));
  return {};
}

int exit_code_of(const Status& status) {
  if (status) return 0;
  say_error(status.error());
  return verdict::exit_code(verdict::outcome_of(status.error().kind));
}

}  // namespace

int run_setup_mode(const DriverOptions& options) {
  process::catch_interrupts();
  if (const Status begun = begin_ctest_run(options.store, ::getppid()); !begun) return exit_code_of(begun);
  const Status done = set_up(options);
  if (done) return 0;
  const bool without_builder =
      done.error().kind == ErrorKind::infrastructure && !engine::find_toolchain().found;
  if (without_builder && is_switched_on("BUILDLAB_SKIP_UNAVAILABLE")) {
    say_error(done.error());
    return k_skipped_exit_code;
  }
  if (const Status kept = add_setup_error(options.store, ::getppid(), done.error()); !kept)
    say_error(kept.error());
  return exit_code_of(done);
}

int run_finish_mode(const DriverOptions& options) {
  process::catch_interrupts();
  return exit_code_of(finish(options));
}

}  // namespace buildlab::gates
