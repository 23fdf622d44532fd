#include "framework/run/run_count.h"

#include <fmt/format.h>

#include "framework/base/text.h"
#include "framework/metrics/run_length.h"
#include "framework/run/noisy_network.h"

namespace buildlab::run {
namespace {

metrics::RunRule rule_of(const scenario::Scenario& scenario) {
  return {.least = static_cast<std::size_t>(scenario.runs),
          .most = static_cast<std::size_t>(scenario.adaptive->most),
          .until_interval = scenario.adaptive->until_interval,
          .budget_sec = scenario.adaptive->time_budget_sec};
}

// "the median's 95 % interval is 4.1 % wide"
std::string interval_words(const record::RunLength& length) {
  return length.interval ? fmt::format("the median's 95 % interval is {:.1f} % wide", *length.interval * 100)
                         : "there is no interval of so few durations";
}

std::string stop_words(const record::RunLength& length, metrics::Stop stop) {
  const std::string asked = fmt::format("{:.1f} % asked", length.until_interval * 100);
  switch (stop) {
    case metrics::Stop::interval:
      return fmt::format("{}, {}", interval_words(length), asked);
    case metrics::Stop::most:
      return fmt::format("more are not allowed; {}, {}", interval_words(length), asked);
    case metrics::Stop::budget:
      return fmt::format("one more would exceed the time budget of {}; {}, {}",
                         to_short_text(length.budget_sec.value_or(0)), interval_words(length), asked);
  }
  return "";
}

}  // namespace

std::optional<double> sample_of(const record::Build& build) {
  return build.valid && !build.failure ? std::optional(build.duration_sec) : std::nullopt;
}

RunCount::RunCount(const scenario::Scenario& scenario, record::ScenarioRecord& record)
    : m_scenario(scenario), m_record(record) {
  if (!scenario.adaptive) return;
  record::RunLength length;
  length.least = scenario.runs;
  length.most = scenario.adaptive->most;
  length.until_interval = scenario.adaptive->until_interval;
  length.budget_sec = scenario.adaptive->time_budget_sec;
  length.stopped = "failed";  // until it stops for another reason
  m_record.run_length = length;
}

bool RunCount::wants_another() {
  if (!m_planned && wants_planned()) return true;
  if (!m_planned) m_planned = m_built;
  return wants_repeat();
}

bool RunCount::wants_repeat() {
  mark_noisy(m_record.builds);
  const std::size_t repeated = static_cast<std::size_t>(m_built - *m_planned);
  if (repeats_wanted(m_record.builds, repeated) > 0) return true;
  if (repeated > 0) {
    const std::string what = m_scenario.kind == scenario::Kind::matrix ? "round" : "build";
    m_record.notes.push_back(fmt::format("{} further {}{} made in place of those with a noisy network",
                                         repeated, what, repeated == 1 ? " was" : "s were"));
  }
  return false;
}

bool RunCount::wants_planned() {
  if (!m_scenario.adaptive) return m_built < m_scenario.runs;
  if (!m_begin) m_begin = SteadyClock::now();
  take_calm();
  const double spent_sec = m_record.run_length->spent_sec;
  const auto stop =
      metrics::why_stop(rule_of(m_scenario), static_cast<std::size_t>(m_built), m_seconds, spent_sec);
  if (!stop) return true;
  m_record.run_length->stopped = metrics::to_string(*stop);
  m_record.notes.push_back(fmt::format("{} {} ({} to {}): {}", m_built, m_built == 1 ? "build" : "builds",
                                       m_record.run_length->least, m_record.run_length->most,
                                       stop_words(*m_record.run_length, *stop)));
  return false;
}

// Where the builds are in the record already, which of them met trouble with the network is known too.
void RunCount::take_calm() {
  mark_noisy(m_record.builds);
  if (m_record.builds.size() != static_cast<std::size_t>(m_built)) return;
  m_seconds.clear();
  for (const record::Build& build : m_record.builds) {
    const auto duration_sec = sample_of(build);
    if (duration_sec && !build.noisy_network) m_seconds.push_back(*duration_sec);
  }
  m_record.run_length->interval = metrics::relative_interval(m_seconds);
}

void RunCount::built(std::optional<double> duration_sec) {
  ++m_built;
  if (duration_sec) m_seconds.push_back(*duration_sec);
  if (!m_record.run_length) return;
  m_record.run_length->interval = metrics::relative_interval(m_seconds);
  if (m_begin) m_record.run_length->spent_sec = to_seconds(SteadyClock::now() - *m_begin);
}

}  // namespace buildlab::run
