#include "gates/driver/log_observer.h"

#include <fmt/format.h>

#include <algorithm>

#include "framework/base/json.h"
#include "framework/base/text.h"

namespace buildlab::gates {
namespace {

constexpr std::size_t k_name_bytes = 100;
constexpr std::size_t k_digest_bytes = 15;  // "sha256:" and eight digits

}  // namespace

void RunningSteps::take_line(std::string_view line) {
  const auto value = parse_json(line, "progress");
  if (!value || !value->is_object() || !value->contains("vertexes") || !(*value)["vertexes"].is_array())
    return;
  for (const Json& vertex : (*value)["vertexes"]) {
    if (!vertex.is_object()) continue;
    const auto digest = vertex.find("digest");
    const auto name = vertex.find("name");
    if (digest == vertex.end() || !digest->is_string() || name == vertex.end() || !name->is_string())
      continue;
    const std::string key = *digest;
    std::erase(m_order, key);
    m_running.erase(key);
    const bool runs = vertex.contains("started") && !vertex.contains("completed");
    if (runs) {
      m_running[key] = *name;
      m_order.push_back(key);
    }
  }
}

std::string RunningSteps::newest() const {
  return m_order.empty() ? "" : m_running.at(m_order.back());
}

LogObserver::LogObserver(Write write, int measured_builds, Nanoseconds heartbeat)
    : m_write(std::move(write)),
      m_measured_builds(measured_builds),
      m_heartbeat(heartbeat),
      m_beating([this] { beat(); }) {}

LogObserver::~LogObserver() {
  {
    const std::lock_guard guard(m_lock);
    m_closing = true;
  }
  m_wake.notify_all();
  m_beating.join();
}

void LogObserver::beat() {
  std::unique_lock guard(m_lock);
  while (!m_wake.wait_for(guard, m_heartbeat, [this] { return m_closing; })) {
    const auto now = SteadyClock::now();
    for (const auto& [builder, running] : m_running) {
      const std::string step = running.steps.newest();
      m_write(fmt::format("{}: running for {}{}{}", running.label,
                          to_short_text(to_seconds(now - running.since)), step.empty() ? "" : ": ",
                          one_line(step, k_name_bytes)));
    }
  }
}

std::string LogObserver::label(const record::ScenarioRecord& record, const record::Build& build,
                               bool priming) const {
  const std::string side = build.builder.empty() ? "" : fmt::format(" (builder {})", build.builder);
  if (priming) return fmt::format("{}: priming build{}", record.name, side);
  return fmt::format("{}: build {} of {}{}", record.name, build.iteration,
                     std::max(m_measured_builds, build.iteration), side);
}

void LogObserver::message(std::string_view text) {
  const std::lock_guard guard(m_lock);
  m_write(text);
}

void LogObserver::build_started(const record::ScenarioRecord& record, const record::Build& build,
                                bool priming) {
  const std::lock_guard guard(m_lock);
  const std::string name = label(record, build, priming);
  m_running[build.builder] = {name, SteadyClock::now(), {}};
  const std::string mutation = build.mutation.empty() ? "" : fmt::format(", after {}", build.mutation);
  const std::string cache = build.cache_state.empty() ? "" : fmt::format(", cache {}", build.cache_state);
  m_write(fmt::format("{}: started{}{}", name, cache, mutation));
}

void LogObserver::progress(std::string_view /*scenario*/, std::string_view builder, std::string_view line) {
  const std::lock_guard guard(m_lock);
  if (const auto found = m_running.find(std::string(builder)); found != m_running.end()) {
    found->second.steps.take_line(line);
  }
}

void LogObserver::build_finished(const record::ScenarioRecord& record, const record::Build& build,
                                 bool priming) {
  const std::lock_guard guard(m_lock);
  m_running.erase(build.builder);
  m_write(finished_line(label(record, build, priming), build));
  for (const metrics::Step& step : build.numbers.steps) {
    if (step.outcome != metrics::StepOutcome::ran && step.outcome != metrics::StepOutcome::failed) continue;
    const std::string_view verb = step.outcome == metrics::StepOutcome::ran ? "ran" : "failed";
    m_write(fmt::format("  {} {:>6}  {}:{} {}", verb, to_short_text(step.seconds.value_or(0)),
                        record.dockerfile_path, step.lines.first, one_line(step.text, k_name_bytes)));
  }
}

void LogObserver::varied_build_started(const record::ScenarioRecord& record, const record::VariedBuild& build,
                                       const std::string& builder) {
  const std::lock_guard guard(m_lock);
  const std::string name = fmt::format("{} ({}) with {}", record.name, builder, record::varied_words(build));
  m_running[builder] = {name, SteadyClock::now(), {}};
  m_write(name + ": started");
}

void LogObserver::varied_build_finished(const record::ScenarioRecord& record,
                                        const record::VariedBuild& build, const std::string& builder) {
  const std::lock_guard guard(m_lock);
  m_running.erase(builder);
  m_write(fmt::format("{} ({}) with {}: {}, {}", record.name, builder, record::varied_words(build),
                      to_short_text(build.duration_sec),
                      build.failure ? "failed" : build.digest.substr(0, k_digest_bytes)));
}

std::string finished_line(const std::string& label, const record::Build& build) {
  std::string line = fmt::format("{}: {}, {}/{} cached", label, to_short_text(build.duration_sec),
                                 build.numbers.hits, build.numbers.hits + build.numbers.ran);
  if (build.image) line += fmt::format(", {}", build.image->digest.substr(0, k_digest_bytes));
  if (build.failure) {
    line += fmt::format("; failed: {}", *build.failure);
  } else if (!build.valid) {
    line += fmt::format("; no sample: {}", build.invalid_reason.value_or("no reason recorded"));
  }
  return line;
}

}  // namespace buildlab::gates
