// The one composition: scenario -> builds on engines -> numbers -> image -> record. Judging and reporting
// come after.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/engine/toolchain.h"
#include "framework/record/record.h"
#include "framework/record/store.h"
#include "framework/scenario/scenario.h"

namespace buildlab::run {

struct ScenarioRun;
struct SubjectState;

// Told of what happens, as it happens; for live display and events. Called on one thread at a time.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void message(std::string_view) {}
  virtual void build_started(const record::ScenarioRecord&, const record::Build&, bool /*priming*/) {}
  // One line of a build's progress stream; `builder` tells builds side by side apart.
  virtual void progress(std::string_view /*scenario*/, std::string_view /*builder*/,
                        std::string_view /*line*/) {}
  virtual void build_finished(const record::ScenarioRecord&, const record::Build&, bool /*priming*/) {}
  // Builds in varied surroundings; `builder` is that of their progress lines.
  virtual void varied_build_started(const record::ScenarioRecord&, const record::VariedBuild&,
                                    const std::string& /*builder*/) {}
  virtual void varied_build_finished(const record::ScenarioRecord&, const record::VariedBuild&,
                                     const std::string& /*builder*/) {}
};

struct RunOptions {
  scenario::ScenarioFile file;
  std::filesystem::path store;
  std::string run_id;  // empty where no record is made
  std::vector<std::filesystem::path>
      exclude;                      // left out of contexts: CMake build folder; store and cache are added
  std::filesystem::path installer;  // cmake/engine/install.sh
  bool refresh = false;             // prime anew
};

// A build beyond those of a scenario: the scenario in whose folder its artifacts are kept, and what their
// names begin with.
struct Further {
  std::string scenario;
  std::string prefix;
};

// Holds what the scenarios of one run share: toolchain, resolved bases, the local registry.
class Session {
 public:
  static Result<std::unique_ptr<Session>> open(RunOptions options, Observer& observer);
  virtual ~Session() = default;

  // Runs one scenario and returns its record, without verdicts. An Error only when nothing could be recorded
  // at all; a failed build, a refused cache or an interrupt is a record with its error and outcome.
  virtual Result<record::ScenarioRecord> run(const scenario::Scenario& scenario) = 0;

  // The same once more, with one build, told of in messages only.
  virtual Result<record::ScenarioRecord> build_further(const scenario::Scenario& scenario,
                                                       const Further& further) = 0;

  // Hands `work` what a kind's own code gets (scenario_run.h), for builds that are no scenario of the file.
  virtual Status serve(const scenario::Scenario& scenario, const scenario::Subject& subject,
                       SubjectState state, const std::function<Status(ScenarioRun&)>& work) = 0;
};

}  // namespace buildlab::run
