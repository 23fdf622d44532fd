// The wall time of a build, against a limit in seconds.
#include "framework/metrics/statistics.h"
#include "gates/rules/gate.h"

namespace buildlab::gates {

verdict::Verdict max_duration_sec(const GateInput& input) {
  constexpr const char* k_gate = "max_duration_sec";
  const double limit = *input.settings().max_duration_sec;
  const std::vector<double> seconds = durations(input.samples);
  const auto estimate = metrics::estimate(seconds);
  if (!estimate) return not_evaluated(k_gate, "there is no duration to look at");
  std::string message = fmt::format("median {}", to_short_text(estimate->median));
  if (estimate->count > 1) {
    message += fmt::format(" of {} builds (95 % interval {} … {})", estimate->count,
                           to_short_text(estimate->low), to_short_text(estimate->high));
  }
  message += fmt::format(", at most {} asked", to_short_text(limit));
  return rule_on_time(input, k_gate, metrics::compare_with_limit(seconds, limit), {estimate->median, limit},
                      std::move(message), {});
}

}  // namespace buildlab::gates
