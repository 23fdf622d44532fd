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

// Each pair's quotient in seconds of a usual build, which the absolute floor is asked of.
std::vector<double> paired(std::span<const double> before, std::span<const double> after) {
  const double unit_sec = median(before).value_or(0);
  std::vector<double> seconds(before.size());
  std::transform(after.begin(), after.end(), before.begin(), seconds.begin(),
                 [unit_sec](double second, double first) { return second / first * unit_sec; });
  return seconds;
}

// As two sets, or as pairs, of equal numbers.
bool is_slower(std::span<const double> before, std::span<const double> after, double limit) {
  if (compare_durations(before, after, limit) == Change::slower) return true;
  return compare_with_limit(paired(before, after), median(before).value_or(0) * limit) == Change::slower;
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
  const auto slower = [&](std::size_t seen) { return is_slower(once.first(seen), now.first(seen), limit); };
  if (rounds > 1 && slower(rounds) && slower(rounds - 1)) return Confirmed::yes;
  return what_is_left(paired(once, now), *unit_sec * limit, most);
}

Confirmed confirm_limit(std::span<const double> seconds, double limit_sec, std::size_t most) {
  const auto slower = [&](std::size_t seen) {
    return compare_with_limit(seconds.first(seen), limit_sec) == Change::slower;
  };
  if (seconds.size() > 1 && slower(seconds.size()) && slower(seconds.size() - 1)) return Confirmed::yes;
  return what_is_left(seconds, limit_sec, most);
}

}  // namespace buildlab::metrics
