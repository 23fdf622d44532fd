// What is said on standard error while a scenario runs: one line an event, and a sign of life in long
// silences.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "framework/base/time.h"
#include "framework/run/run.h"

namespace buildlab::gates {

// Which steps of a build are running, from its rawjson progress stream. Lines that are none are ignored.
class RunningSteps {
 public:
  void take_line(std::string_view line);
  // The one that started last; "" when none runs.
  std::string newest() const;

 private:
  std::map<std::string, std::string> m_running;  // digest -> name
  std::vector<std::string> m_order;              // digests as they started
};

class LogObserver : public run::Observer {
 public:
  using Write = std::function<void(std::string_view line)>;  // a whole line, without the newline
  LogObserver(Write write, int measured_builds, Nanoseconds heartbeat);
  ~LogObserver() override;
  LogObserver(const LogObserver&) = delete;
  LogObserver& operator=(const LogObserver&) = delete;

  void message(std::string_view text) override;
  void build_started(const record::ScenarioRecord& record, const record::Build& build, bool priming) override;
  void progress(std::string_view scenario, std::string_view builder, std::string_view line) override;
  void build_finished(const record::ScenarioRecord& record, const record::Build& build,
                      bool priming) override;
  void varied_build_started(const record::ScenarioRecord& record, const record::VariedBuild& build,
                            const std::string& builder) override;
  void varied_build_finished(const record::ScenarioRecord& record, const record::VariedBuild& build,
                             const std::string& builder) override;

 private:
  struct Running {
    std::string label;
    SteadyClock::time_point since;
    RunningSteps steps;
  };
  std::string label(const record::ScenarioRecord& record, const record::Build& build, bool priming) const;
  void beat();

  Write m_write;
  int m_measured_builds;
  Nanoseconds m_heartbeat;
  std::mutex m_lock;
  std::condition_variable m_wake;
  bool m_closing = false;
  std::map<std::string, Running> m_running;  // by the builder's name
  std::thread m_beating;
};

// "app.warm: build 1 of 2: 0.39s, 4/4 cached, sha256:c6d780da".
std::string finished_line(const std::string& label, const record::Build& build);

}  // namespace buildlab::gates
