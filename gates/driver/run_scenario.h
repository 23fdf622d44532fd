// Runs one scenario of a file and judges it: for hand-written GoogleTest drivers, and for the driver itself.
//
//   TEST(App, StaysWarm) {
//     const auto record = buildlab::gates::run_scenario("buildlab.json", "app.warm");
//     ASSERT_TRUE(record) << buildlab::gates::describe(record.error());
//     EXPECT_THAT(*record, buildlab::gates::HasHitRatioAtLeast(0.9));
//   }
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "framework/base/result.h"
#include "framework/base/time.h"
#include "framework/record/record.h"
#include "framework/run/run.h"
#include "framework/scenario/scenario.h"

namespace buildlab::gates {

struct RunScenarioOptions {
  std::filesystem::path store;      // empty: the scenario file's default store
  std::filesystem::path build_dir;  // left out of contexts; empty: none
  std::filesystem::path installer;  // cmake/engine/install.sh; empty: a missing engine is an error
  std::optional<std::string>
      run_id;  // a run that others share, which is not finished here; else a run of its own
  run::Observer* observer = nullptr;                  // told of what happens; not owned
  std::optional<SteadyClock::time_point> until = {};  // when builds are stopped, if ever
  // Called with the record before it is judged.
  std::function<void(record::ScenarioRecord&)> before_judging;
};

// A scenario whose own files were checked, within its whole file.
struct LoadedScenario {
  scenario::ScenarioFile file;
  std::string name;

  const scenario::Scenario& scenario() const { return *file.find_scenario(name); }
};

// All problems of the file, and a name that it does not have (with the known ones), are usage errors.
Result<LoadedScenario> load_scenario(const std::filesystem::path& file, const std::string& name);

// Builds, judges and saves. A failed build or gate is a record that says so; an Error means that nothing was
// recorded.
Result<record::ScenarioRecord> run_scenario(const LoadedScenario& loaded, const RunScenarioOptions& options);
Result<record::ScenarioRecord> run_scenario(const std::filesystem::path& file, const std::string& name,
                                            const RunScenarioOptions& options = {});

// The record of a scenario that never came as far as having one, so that reports tell of it too.
record::ScenarioRecord record_of(const Error& error, const std::string& name);

// Message and details, one a line.
std::string describe(const Error& error);

}  // namespace buildlab::gates
