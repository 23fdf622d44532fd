// One scenario as a GoogleTest program: builds, tests, its own JUnit file, the exit code.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "framework/base/environment.h"
#include "framework/base/file.h"
#include "framework/process/interrupt.h"
#include "framework/record/store.h"
#include "framework/report/report.h"
#include "framework/run/subject_state.h"
#include "gates/driver/ctest_run.h"
#include "gates/driver/deadline.h"
#include "gates/driver/log_observer.h"
#include "gates/driver/modes.h"
#include "gates/driver/output.h"
#include "gates/driver/run_scenario.h"
#include "gates/driver/scenario_execution.h"
#include "gates/driver/scenario_tests.h"

namespace buildlab::gates {
namespace fs = std::filesystem;
namespace {

constexpr Nanoseconds k_heartbeat = std::chrono::seconds(30);

// A user's GTEST_FILTER, sharding and the like are meant for the user's own tests: here they would leave
// gates unasked. Arguments --gtest_… of the driver itself count.
void ignore_googletest_environment() {
  GTEST_FLAG_SET(filter, "*");
  GTEST_FLAG_SET(output, "");
  GTEST_FLAG_SET(repeat, 1);
  GTEST_FLAG_SET(shuffle, false);
  GTEST_FLAG_SET(fail_fast, false);
  GTEST_FLAG_SET(brief, false);
  GTEST_FLAG_SET(print_time, true);
  GTEST_FLAG_SET(list_tests, false);
  GTEST_FLAG_SET(break_on_failure, false);
  GTEST_FLAG_SET(throw_on_failure, false);
  GTEST_FLAG_SET(stream_result_to, "");
  for (const char* name :
       {"GTEST_TOTAL_SHARDS", "GTEST_SHARD_INDEX", "GTEST_SHARD_STATUS_FILE", "TEST_TOTAL_SHARDS",
        "TEST_SHARD_INDEX", "TEST_SHARD_STATUS_FILE", "TESTBRIDGE_TEST_ONLY", "XML_OUTPUT_FILE"}) {
    ::unsetenv(name);
  }
}

void initialise_googletest(const std::vector<std::string>& arguments) {
  ignore_googletest_environment();
  std::string program = "buildlab-driver";
  std::vector<std::string> copies = arguments;
  std::vector<char*> argv = {program.data()};
  for (std::string& each : copies) argv.push_back(each.data());
  int argc = static_cast<int>(argv.size());
  argv.push_back(nullptr);
  ::testing::InitGoogleTest(&argc, argv.data());
}

struct ChosenRun {
  std::string id;
  bool is_own = false;  // finished by this process, as no fixture does it
};

// The run that buildlab.setup opened. A scenario that is repeated in it (`ctest --repeat`) gets a further run
// of its own, so that no record is written over.
Result<ChosenRun> choose_run(const DriverOptions& options, record::Store& store) {
  if (options.run_id) return ChosenRun{*options.run_id, false};
  const pid_t ctest = ::getppid();
  BUILDLAB_ASSIGN(const std::optional<CtestRun> shared, read_ctest_run(store.folder(), ctest));
  std::error_code code;
  if (shared && !shared->run_ids.empty()) {
    const std::string& id = shared->run_ids.front();
    if (!fs::exists(store.scenario_folder(id, options.name) / "record.json", code))
      return ChosenRun{id, false};
  }
  BUILDLAB_ASSIGN(std::string id, store.open_run());
  if (shared) BUILDLAB_TRY(add_run(store.folder(), ctest, id));
  return ChosenRun{std::move(id), !shared.has_value()};
}

void place_at(record::ScenarioRecord& record, const DriverOptions& options) {
  if (!options.declared_at) return;
  record.scenario_file =
      run::display_path(options.declared_at->file, fs::path(options.declared_at->file).parent_path());
  record.scenario_line = options.declared_at->line;
}

// The record of an ending without one is saved too, so that summaries tell of it.
record::ScenarioRecord keep_trouble(const Ending& ending, const DriverOptions& options,
                                    const LoadedScenario* loaded, record::Store* store,
                                    const std::optional<ChosenRun>& run) {
  record::ScenarioRecord record = record_of(ending.error(), options.name);
  place_at(record, options);
  if (loaded != nullptr) {
    const scenario::Scenario& scenario = loaded->scenario();
    record.kind = scenario::to_string(scenario.kind);
    record.cache_mode = scenario::to_string(scenario.cache_mode);
    record.input_mutation = scenario::to_string(scenario.input_mutation);
    if (const scenario::Subject* subject = loaded->file.find_subject(scenario.subject)) {
      record.subject = run::subject_key(*subject, loaded->file.path);
    }
  }
  if (store != nullptr && run) {
    record.run_id = run->id;
    if (const Status saved = store->save(record); !saved) say_error(saved.error());
  }
  return record;
}

Status write_junit(const DriverOptions& options, const record::Store& store,
                   const record::ScenarioRecord& record) {
  const fs::path folder = options.store / "results";
  BUILDLAB_TRY(make_directories(folder));
  const fs::path declaring =
      options.declared_at ? fs::path(options.declared_at->file).parent_path() : options.file.parent_path();
  return write_file_atomic(
      folder / (options.name + ".junit.xml"),
      report::to_junit({{record}, {}, run::display_path(store.runs_folder(), declaring)}));
}

// Reports what GoogleTest cannot say, and leaves what CI reads.
void publish(const DriverOptions& options, const record::Store& store, const record::ScenarioRecord& record) {
  if (const Status written = write_junit(options, store, record); !written) say_error(written.error());
  std::string text = "\n" + report::scenario_line(record, false) + "\n";
  if (record.outcome != verdict::Outcome::passed) {
    text += report::scenario_details(record, false) + "\n";
    if (!environment("GITHUB_ACTIONS").empty()) text += report::to_github_annotations({{record}, {}});
  }
  // CTest cuts what a passed test printed after 1024 bytes in its XML unless this word is in it.
  if (std::getenv("DASHBOARD_TEST_FROM_CTEST") != nullptr) text += "(CTEST_FULL_OUTPUT)\n";
  print(text);
}

void tell_of_deadline(record::ScenarioRecord& record, double seconds) {
  record.error = fmt::format("the deadline of {} s passed", seconds);
  record.error_details = {
      "it is the CTest TIMEOUT of the scenario less the time to clean up; TIMEOUT in "
      "buildlab_add_scenario() sets it, TIMEOUT_SEC that of one build"};
  record.outcome = verdict::Outcome::infrastructure;
}

}  // namespace

int run_scenario_mode(const DriverOptions& options) {
  process::catch_interrupts();
  initialise_googletest(options.googletest_arguments);

  auto store = record::Store::open(options.store);
  if (!store) {
    say_error(store.error());
    return verdict::exit_code(verdict::outcome_of(store.error().kind));
  }
  const auto run = choose_run(options, *store);
  if (!run) {
    say_error(run.error());
    return verdict::exit_code(verdict::outcome_of(run.error().kind));
  }
  const auto loaded = load_scenario(options.file, options.name);
  if (!loaded) {
    say_error(loaded.error());
    const record::ScenarioRecord record =
        keep_trouble(tl::unexpected(loaded.error()), options, nullptr, &*store, *run);
    if (const Status written = write_junit(options, *store, record); !written) say_error(written.error());
    return verdict::exit_code(record.outcome);
  }
  const scenario::Scenario& scenario = loaded->scenario();
  const bool skips = is_switched_on("BUILDLAB_SKIP_UNAVAILABLE");

  std::unique_ptr<Deadline> deadline;
  RunScenarioOptions run_options;
  run_options.store = options.store;
  run_options.build_dir = options.build_dir;
  // Where a missing builder is a skip, only the fixture tries to install one.
  if (!skips) run_options.installer = options.installer;
  run_options.run_id = run->id;
  run_options.before_judging = [&](record::ScenarioRecord& record) {
    place_at(record, options);
    if (deadline && deadline->passed()) tell_of_deadline(record, *options.deadline_sec);
  };
  LogObserver log([](std::string_view line) { say(line); }, scenario.runs, k_heartbeat);
  ScenarioExecution execution(
      [&](run::Observer& observer) -> Ending {
        if (options.deadline_sec) {
          const auto duration =
              std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(*options.deadline_sec));
          run_options.until = SteadyClock::now() + duration;
          deadline = std::make_unique<Deadline>(duration, [] { ::kill(::getpid(), SIGTERM); });
        }
        run_options.observer = &observer;
        return run_scenario(*loaded, run_options);
      },
      log);
  register_tests({&execution, options.name, scenario.runs, gate_names(scenario.gates),
                  options.declared_at.value_or(scenario.where),
                  skips ? WhenNoBuilder::skips : WhenNoBuilder::fails});
  const int tests_failed = RUN_ALL_TESTS();
  if (!execution.started()) {
    say("buildlab-driver: no test was executed (--gtest_filter chose none), so nothing is known");
    return verdict::exit_code(verdict::Outcome::infrastructure);
  }
  const Ending& ending = execution.wait_for_end();
  if (skips && is_without_builder(ending)) {
    say_error(ending.error());
    return k_skipped_exit_code;
  }
  const record::ScenarioRecord record =
      ending ? *ending : keep_trouble(ending, options, &*loaded, &*store, *run);
  if (run->is_own) {
    if (const Status finished = store->finish_run(run->id); !finished) say_error(finished.error());
  }
  publish(options, *store, record);
  const int code = verdict::exit_code(record.outcome);
  return code != 0 ? code : tests_failed;
}

}  // namespace buildlab::gates
