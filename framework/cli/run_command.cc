#include <fmt/format.h>
#include <algorithm>

#include "framework/base/environment.h"
#include "framework/base/text.h"
#include "framework/base/time.h"
#include "framework/cli/commands.h"
#include "framework/cli/console.h"
#include "framework/cli/installer.h"
#include "framework/cli/live_view.h"
#include "framework/cli/project.h"
#include "framework/process/interrupt.h"
#include "framework/record/record_json.h"
#include "framework/report/report.h"
#include "framework/run/run.h"
#include "framework/scenario/parse.h"
#include "gates/confirmation/conclude_confirmed.h"

namespace buildlab::cli {
namespace {

using verdict::Outcome;

// "4 passed, 1 failed in 38s · record 2026-11-23T20-02-11Z-7f3a · report: build-lab report"
std::string closing_line(const std::vector<Outcome>& outcomes, std::size_t planned, double seconds,
                         const std::string& run_id) {
  const auto passed = static_cast<std::size_t>(std::count(outcomes.begin(), outcomes.end(), Outcome::passed));
  const auto unevaluated =
      static_cast<std::size_t>(std::count(outcomes.begin(), outcomes.end(), Outcome::not_evaluated));
  const std::size_t failed = outcomes.size() - passed - unevaluated;
  std::string counts = fmt::format("{} passed", passed);
  if (failed > 0) counts += fmt::format(", {} failed", failed);
  if (unevaluated > 0) counts += fmt::format(", {} not evaluated", unevaluated);
  if (planned > outcomes.size()) counts += fmt::format(", {} not run", planned - outcomes.size());
  return fmt::format("\n{} in {} · record {} · report: build-lab report\n", counts, to_short_text(seconds),
                     run_id);
}

// Runs, judges and saves the chosen scenarios in order. An interrupt and a missing builder stop the rest.
Result<std::vector<Outcome>> run_each(run::Session& session, Project& project,
                                      const std::vector<const scenario::Scenario*>& chosen, LiveView& view,
                                      std::vector<record::ScenarioRecord>& records) {
  std::vector<Outcome> outcomes;
  for (const scenario::Scenario* scenario : chosen) {
    view.scenario_started(*scenario);
    BUILDLAB_ASSIGN(record::ScenarioRecord record, session.run(*scenario));
    BUILDLAB_TRY(gates::conclude_confirmed(record, *scenario, {project.file, project.store, session, view}));
    view.scenario_finished(record);
    outcomes.push_back(record.outcome);
    records.push_back(std::move(record));
    if (process::interrupted()) break;
  }
  return outcomes;
}

void annotate_for_github(const std::vector<record::ScenarioRecord>& records) {
  if (environment("GITHUB_ACTIONS").empty()) return;
  write_stderr(report::to_github_annotations({records, {}}));
}

}  // namespace

Result<Outcome> run_scenarios(const Run& options) {
  process::catch_interrupts();
  const auto begin = SteadyClock::now();
  BUILDLAB_ASSIGN(Project project, open_project(options.common, FileCheck::all));
  const std::vector<std::string> patterns = options.all ? std::vector<std::string>{"*"} : options.scenarios;
  BUILDLAB_ASSIGN(const auto chosen, scenario::select_scenarios(project.file, patterns));
  BUILDLAB_ASSIGN(const std::string run_id, project.store.open_run());

  LiveView view(options.common.json ? LiveView::Events::json_lines : LiveView::Events::none,
                options.common.no_color, project.file, chosen.size());
  run::RunOptions run_options;
  run_options.file = project.file;
  run_options.store = project.store.folder();
  run_options.run_id = run_id;
  run_options.installer = installer_path();
  run_options.refresh = options.refresh;
  auto session = run::Session::open(std::move(run_options), view);
  if (!session) {
    std::error_code not_empty;
    std::filesystem::remove(project.store.run_folder(run_id), not_empty);  // nothing was recorded
    return tl::unexpected(std::move(session).error());
  }

  std::vector<record::ScenarioRecord> records;
  const auto outcomes_or = run_each(**session, project, chosen, view, records);
  view.close();
  BUILDLAB_TRY(project.store.finish_run(run_id));
  BUILDLAB_ASSIGN(const std::vector<Outcome> outcomes, outcomes_or);
  BUILDLAB_TRY(project.store.prune_artifacts().map([](std::uint64_t) {}));

  annotate_for_github(records);
  write_stderr(closing_line(outcomes, chosen.size(), to_seconds(SteadyClock::now() - begin), run_id));
  if (!options.common.json) {
    const scenario::Subject* subject = project.file.find_subject(chosen.front()->subject);
    BUILDLAB_ASSIGN(auto newest, newest_records(project, *subject));
    BUILDLAB_TRY(write_stdout(render_report(project, std::move(newest), Format::text)));
  }
  Outcome outcome = Outcome::passed;
  for (const Outcome each : outcomes) outcome = verdict::worst(outcome, each);
  return outcome;
}

}  // namespace buildlab::cli
