// One scenario running on a thread of its own, so that each GoogleTest test waits for its own part of it.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>

#include "framework/base/result.h"
#include "framework/record/record.h"
#include "framework/run/run.h"
#include "gates/driver/run_scenario.h"

namespace buildlab::gates {

// What a scenario came to: a judged record, or why there is none.
using Ending = Result<record::ScenarioRecord>;

class ScenarioExecution : private run::Observer {
 public:
  // `run` does the work and tells the observer that it is given; `next` is told everything too.
  using Run = std::function<Ending(run::Observer&)>;
  ScenarioExecution(Run run, run::Observer& next) : m_run(std::move(run)), m_next(next) {}
  // Waits for the end.
  ~ScenarioExecution() override;
  ScenarioExecution(const ScenarioExecution&) = delete;
  ScenarioExecution& operator=(const ScenarioExecution&) = delete;

  // The measured build of that number (1-based) once it is over; nullopt when the scenario ended without it.
  // Starts the scenario when it has not been started.
  std::optional<record::Build> wait_for_build(int iteration);
  const Ending& wait_for_end();
  bool started() const { return m_thread.joinable() || m_ending.has_value(); }

 private:
  void start();

  void message(std::string_view text) override { m_next.message(text); }
  void build_started(const record::ScenarioRecord& record, const record::Build& build,
                     bool priming) override {
    m_next.build_started(record, build, priming);
  }
  void progress(std::string_view scenario, std::string_view builder, std::string_view line) override {
    m_next.progress(scenario, builder, line);
  }
  void build_finished(const record::ScenarioRecord& record, const record::Build& build,
                      bool priming) override;

  Run m_run;
  run::Observer& m_next;
  std::mutex m_lock;
  std::condition_variable m_changed;
  std::map<int, record::Build> m_builds;
  std::optional<Ending> m_ending;
  std::thread m_thread;
};

}  // namespace buildlab::gates
