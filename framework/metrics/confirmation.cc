#include "framework/metrics/confirmation.h"

#include <algorithm>
#include <vector>

#include "framework/metrics/decision.h"
#include "framework/metrics/statistics.h"

namespace buildlab::metrics {
namespace {

// `seconds`: what the slow-down is seen on, against `limit_sec`.
Confirmed what_is_left(std::span<const double> seconds, double limit_sec, std::size_t most) {
  if (seconds.size() >= most) return Confirmed::no;
  const auto middle = median(seconds);
  if (seconds.size() >= k_least_rounds && middle && *middle <= limit_sec * (1 + k_relative_floor))
    return Confirmed::no;
  return Confirmed::open;
}

}  // namespace

std::string_view to_string(Confirmed confirmed) {
  switch (confirmed) {
    case Confirmed::open:
      return "open";
    case Confirmed::yes:
      return "yes";
    case Confirmed::no:
      return "no";
  }
  return "";
}

Confirmed confirm_ratio(std::span<const double> before, std::span<const double> after, double limit,
                        std::size_t most) {
  const std::size_t rounds = std::min(before.size(), after.size());
  const auto once = before.first(rounds);
  const auto now = after.first(rounds);
  const auto unit_sec = median(once);
  if (!unit_sec || !(*unit_sec > 0) || !(limit > 0)) return rounds < most ? Confirmed::open : Confirmed::no;
  if (compare_durations(once, now, limit) == Change::slower) return Confirmed::yes;
  // Each pair's quotient in seconds of a usual build, which the absolute floor is asked of.
  std::vector<double> paired(rounds);
  std::transform(now.begin(), now.end(), once.begin(), paired.begin(),
                 [&](double second, double first) { return second / first * *unit_sec; });
  const double limit_sec = *unit_sec * limit;
  if (compare_with_limit(paired, limit_sec) == Change::slower) return Confirmed::yes;
  return what_is_left(paired, limit_sec, most);
}

Confirmed confirm_limit(std::span<const double> seconds, double limit_sec, std::size_t most) {
  if (compare_with_limit(seconds, limit_sec) == Change::slower) return Confirmed::yes;
  return what_is_left(seconds, limit_sec, most);
}

}  // namespace buildlab::metrics
