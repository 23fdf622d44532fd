#include "gates/driver/scenario_execution.h"

#include <algorithm>

namespace buildlab::gates {

ScenarioExecution::~ScenarioExecution() {
  if (m_thread.joinable()) m_thread.join();
}

void ScenarioExecution::start() {
  if (started()) return;
  m_thread = std::thread([this] {
    Ending ending = m_run(*this);
    {
      const std::lock_guard guard(m_lock);
      m_ending.emplace(std::move(ending));
    }
    m_changed.notify_all();
  });
}

std::optional<record::Build> ScenarioExecution::wait_for_build(int iteration) {
  start();
  std::unique_lock guard(m_lock);
  m_changed.wait(guard, [&] { return m_ending.has_value() || m_builds.contains(iteration); });
  // The record has the last word: a build may have turned out to be no sample later on.
  if (m_ending && *m_ending) {
    const auto& builds = (*m_ending)->builds;
    const auto found = std::find_if(builds.begin(), builds.end(),
                                    [&](const record::Build& build) { return build.iteration == iteration; });
    if (found != builds.end()) return *found;
  }
  const auto found = m_builds.find(iteration);
  return found == m_builds.end() ? std::nullopt : std::optional(found->second);
}

const Ending& ScenarioExecution::wait_for_end() {
  start();
  std::unique_lock guard(m_lock);
  m_changed.wait(guard, [&] { return m_ending.has_value(); });
  return *m_ending;
}

void ScenarioExecution::build_finished(const record::ScenarioRecord& record, const record::Build& build,
                                       bool priming) {
  m_next.build_finished(record, build, priming);
  if (priming) return;
  {
    const std::lock_guard guard(m_lock);
    m_builds.insert_or_assign(build.iteration, build);
  }
  m_changed.notify_all();
}

}  // namespace buildlab::gates
