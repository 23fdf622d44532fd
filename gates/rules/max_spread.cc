// How far the durations of equal builds lie apart: interquartile range over median, against a limit.
#include <algorithm>

#include "framework/metrics/decision.h"
#include "framework/metrics/statistics.h"
#include "gates/rules/gate.h"

namespace buildlab::gates {
namespace {

struct Quartiles {
  double lower = 0;
  double median = 0;
  double upper = 0;

  double range() const { return upper - lower; }
};

// Each build with its seconds, in their order.
std::vector<std::string> each_build(const Samples& samples, const std::vector<double>& seconds) {
  std::vector<std::string> lines;
  lines.reserve(samples.size());
  for (const record::Build* build : samples) {
    lines.push_back(fmt::format("{}: {}", gates::name_of(*build), to_short_text(build->duration_sec)));
  }
  for (const std::size_t outlier : metrics::outliers(seconds)) lines[outlier] += ", an outlier";
  return lines;
}

// The step of the slowest build that took longest beyond its median of all builds; nullptr where none did.
const metrics::Step* most_spread_step(const Samples& samples) {
  const record::Build& slowest =
      **std::max_element(samples.begin(), samples.end(),
                         [](const auto* a, const auto* b) { return a->duration_sec < b->duration_sec; });
  const metrics::Step* most = nullptr;
  double most_beyond = 0;
  for (const metrics::Step& step : slowest.numbers.steps) {
    if (!step.seconds) continue;
    std::vector<double> seconds;
    for (const record::Build* build : samples) {
      for (const metrics::Step& other : build->numbers.steps) {
        if (is_same_row(other, step)) seconds.push_back(other.seconds.value_or(0));
      }
    }
    const double beyond = *step.seconds - metrics::median(seconds).value_or(0);
    if (beyond <= most_beyond) continue;
    most = &step;
    most_beyond = beyond;
  }
  return most;
}

}  // namespace

verdict::Verdict max_spread(const GateInput& input) {
  constexpr const char* k_gate = "max_spread";
  const double limit = *input.settings().max_spread;
  const std::vector<double> seconds = durations(input.samples);
  if (seconds.size() < scenario::k_least_runs_for_spread) {
    return not_evaluated(
        k_gate,
        fmt::format("{} valid {}, and quartiles need at least {}", seconds.size(),
                    seconds.size() == 1 ? "build" : "builds", scenario::k_least_runs_for_spread),
        {fmt::format("\"runs\": {} or more in the scenario", scenario::k_least_runs_for_spread)});
  }
  const Quartiles quartiles{*metrics::quantile(seconds, 0.25), *metrics::quantile(seconds, 0.5),
                            *metrics::quantile(seconds, 0.75)};
  // Both are above zero: a build's duration is.
  const double spread = quartiles.range() / quartiles.median;
  std::string message = fmt::format(
      "spread {:.1f} % (the middle half of {} builds took {} … {}, median {}), at most {:.1f} % asked",
      spread * 100, seconds.size(), to_short_text(quartiles.lower), to_short_text(quartiles.upper),
      to_short_text(quartiles.median), limit * 100);
  std::vector<std::string> evidence = each_build(input.samples, seconds);
  if (spread <= limit) return pass(k_gate, std::move(message), std::move(evidence));
  if (quartiles.range() <= k_absolute_floor_sec) {
    message += fmt::format("; over it, but no further apart than {}", to_short_text(k_absolute_floor_sec));
    return pass(k_gate, std::move(message), std::move(evidence));
  }
  const metrics::Step* step = most_spread_step(input.samples);
  if (step != nullptr) {
    evidence.push_back(fmt::format("furthest beyond its median in the slowest build: {}, {}",
                                   gates::name_of(input.record(), *step), what_happened(*step)));
  }
  return failed(k_gate, input.record(), std::move(message), std::move(evidence), step);
}

}  // namespace buildlab::gates
