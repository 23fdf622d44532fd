#include "gates/confirmation/conclude_confirmed.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/time.h"
#include "framework/metrics/statistics.h"
#include "gates/confirmation/confirm.h"
#include "gates/rules/conclude.h"

namespace buildlab::gates {
namespace {

bool is_red(const record::ScenarioRecord& record, std::string_view gate) {
  return std::any_of(record.gates.begin(), record.gates.end(), [&](const verdict::Verdict& verdict) {
    return verdict.gate == gate && verdict.ruling == verdict::Ruling::fail;
  });
}

// Of the scenario's own builds, where an ephemeral one fills its cache first; the other scenario's are
// quicker than it by the limit at least, as the gate is red.
double expected_round_sec(const record::ScenarioRecord& record, const Arms& arms) {
  std::vector<double> seconds;
  for (const record::Build& build : record.builds) {
    if (build.valid) seconds.push_back(build.duration_sec);
  }
  double one = metrics::median(seconds).value_or(0);
  if (arms.scenario.kind == scenario::Kind::ephemeral && !record.priming.empty())
    one += record.priming.back().duration_sec;
  return arms.of == nullptr ? one : one + one / arms.limit;
}

// What is to be built again, for each gate that would fail for its times.
std::vector<Arms> arms_of(const record::ScenarioRecord& record, const scenario::Scenario& scenario,
                          const scenario::ScenarioFile& file) {
  constexpr const char* k_seconds = "max_duration_sec";
  constexpr const char* k_ratio = "max_duration_ratio";
  const scenario::GateSettings& settings = scenario.gates;
  std::vector<Arms> arms;
  if (!has_like_builds(scenario.kind)) return arms;
  if (settings.max_duration_sec && is_red(record, k_seconds))
    arms.push_back({k_seconds, scenario, nullptr, *settings.max_duration_sec, settings.confirmation_runs});
  if (settings.max_duration_ratio && is_red(record, k_ratio)) {
    const scenario::Scenario* of = file.find_scenario(settings.max_duration_ratio->of);
    if (of != nullptr && has_like_builds(of->kind))
      arms.push_back({k_ratio, scenario, of, settings.max_duration_ratio->limit, settings.confirmation_runs});
  }
  return arms;
}

}  // namespace

Status conclude_confirmed(record::ScenarioRecord& record, const scenario::Scenario& scenario,
                          const Surroundings& surroundings) {
  judge_with_store(record, scenario, surroundings.store);
  if (record.error || scenario.gates.confirmation_runs <= 0)
    return conclude(record, scenario, surroundings.store);
  double spent_sec = 0;  // for the gates before
  for (Arms& arms : arms_of(record, scenario, surroundings.file)) {
    const auto started = SteadyClock::now();
    std::optional<double> left;
    if (surroundings.until) left = to_seconds(*surroundings.until - started);
    arms.budget_sec = time_for(scenario.gates, spent_sec, left);
    arms.round_sec = expected_round_sec(record, arms);
    const BuildOnce build = [&](const scenario::Scenario& arm, const std::string& prefix) {
      surroundings.observer.message(fmt::format("{}: {} is over its limit; confirming: a build of {}",
                                                scenario.name, arms.gate, arm.name));
      return surroundings.session.build_further(arm, {scenario.name, prefix});
    };
    const SpentSec spent = [&] { return to_seconds(SteadyClock::now() - started); };
    record.confirmations.push_back(confirm(arms, build, spent));
    spent_sec += spent();
  }
  return conclude(record, scenario, surroundings.store);
}

}  // namespace buildlab::gates
