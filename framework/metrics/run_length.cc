#include "framework/metrics/run_length.h"

#include "framework/metrics/statistics.h"

namespace buildlab::metrics {

std::string_view to_string(Stop stop) {
  switch (stop) {
    case Stop::interval:
      return "interval";
    case Stop::budget:
      return "budget";
    case Stop::most:
      return "most";
  }
  return "";
}

std::optional<double> relative_interval(std::span<const double> seconds) {
  const auto known = seconds.size() < 2 ? std::nullopt : estimate(seconds);
  if (!known || !(known->median > 0)) return std::nullopt;
  return (known->high - known->low) / known->median;
}

std::optional<Stop> why_stop(const RunRule& rule, std::size_t built, std::span<const double> seconds,
                             double spent_sec) {
  if (built < rule.least) return std::nullopt;
  if (seconds.size() >= k_least_for_interval) {
    const auto interval = relative_interval(seconds);
    if (interval && *interval <= rule.until_interval) return Stop::interval;
  }
  if (built >= rule.most) return Stop::most;
  const double next_sec = built == 0 ? 0 : spent_sec / static_cast<double>(built);
  if (rule.budget_sec && spent_sec + next_sec > *rule.budget_sec) return Stop::budget;
  return std::nullopt;
}

}  // namespace buildlab::metrics
