#include "framework/metrics/decision.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "framework/metrics/statistics.h"

namespace buildlab::metrics {
namespace {

constexpr std::size_t k_exact_pairs = 2500;

// What is known of a change, all of it relative to the limit: 1 is at it.
struct Seen {
  std::size_t count = 0;  // of the smaller set
  double best = 1;        // the smallest probability that sets of these sizes can come to
  double lowest = 0;      // of all quotients
  double highest = 0;
  double range = 1;                                   // the largest quotient of two builds of one set
  std::function<std::optional<Estimate>()> interval;  // drawn only where it decides: it takes milliseconds
  double unit_sec = 0;                                // what 1 is in seconds
  double slower = 1;  // probability of such ranks where nothing is beyond the floor
  double faster = 1;
};

bool beyond(double quotient, double factor, double unit_sec) {
  return quotient > factor && (quotient - 1) * unit_sec > k_absolute_floor_sec;
}

bool under(double quotient, double factor, double unit_sec) {
  return quotient < factor && (1 - quotient) * unit_sec > k_absolute_floor_sec;
}

Change decide_of_few(const Seen& seen) {
  // Where the builds of one set differ by more than the sets do, what they show is that.
  const double factor = seen.count == 1 ? k_single_factor : std::max(k_few_factor, seen.range);
  if (beyond(seen.lowest, factor, seen.unit_sec)) return Change::slower;
  if (under(seen.highest, 1 / factor, seen.unit_sec)) return Change::faster;
  if (seen.count == 1) return Change::too_few;
  const bool differs = beyond(seen.lowest, 1 + k_relative_floor, seen.unit_sec) ||
                       under(seen.highest, 1 - k_relative_floor, seen.unit_sec);
  return differs ? Change::too_few : Change::no_difference;
}

Change decide(const Seen& seen) {
  if (seen.best > k_error_share) return decide_of_few(seen);
  if (seen.slower > k_error_share && seen.faster > k_error_share) return Change::no_difference;
  const auto interval = seen.interval();
  if (!interval) return Change::no_difference;
  if (seen.slower <= k_error_share && beyond(interval->low, 1 + k_relative_floor, seen.unit_sec))
    return Change::slower;
  if (seen.faster <= k_error_share && under(interval->high, 1 - k_relative_floor, seen.unit_sec))
    return Change::faster;
  return Change::no_difference;
}

bool usable(std::span<const double> values) {
  return !values.empty() && std::all_of(values.begin(), values.end(),
                                        [](double value) { return std::isfinite(value) && value > 0; });
}

// Pairs in which the value of `after` is not above `factor` times that of `before`.
std::size_t not_above(std::span<const double> before, std::span<const double> after, double factor) {
  std::size_t pairs = 0;
  for (const double was : before) {
    pairs += static_cast<std::size_t>(
        std::count_if(after.begin(), after.end(), [&](double now) { return now <= was * factor; }));
  }
  return pairs;
}

std::optional<Estimate> over(std::optional<Estimate> estimate, double unit) {
  if (!estimate) return std::nullopt;
  estimate->median /= unit;
  estimate->low /= unit;
  estimate->high /= unit;
  return estimate;
}

double log_choose(std::size_t count, std::size_t chosen) {
  const auto n = static_cast<double>(count);
  const auto k = static_cast<double>(chosen);
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

}  // namespace

std::string_view to_string(Change change) {
  switch (change) {
    case Change::too_few:
      return "too few builds";
    case Change::no_difference:
      return "no difference seen";
    case Change::slower:
      return "slower";
    case Change::faster:
      return "faster";
    case Change::other_times:
      return "built at other times";
  }
  return "";
}

double rank_probability(std::size_t first, std::size_t second, std::size_t inversions) {
  const std::size_t pairs = first * second;
  if (inversions >= pairs) return 1;
  if (pairs > k_exact_pairs) {
    const auto n = static_cast<double>(first);
    const auto m = static_cast<double>(second);
    const double deviation = std::sqrt(n * m * (n + m + 1) / 12);
    return std::erfc((n * m / 2 - static_cast<double>(inversions) - 0.5) / deviation / std::sqrt(2.0)) / 2;
  }
  // Coefficients of the Gaussian binomial (first + second over first): the orders with so many inversions.
  std::vector<double> orders(inversions + 1, 0);
  orders[0] = 1;
  for (std::size_t i = 1; i <= first; ++i) {
    for (std::size_t k = inversions + 1; k-- > second + i;) orders[k] -= orders[k - second - i];
    for (std::size_t k = i; k <= inversions; ++k) orders[k] += orders[k - i];
  }
  double sum = 0;
  for (const double count : orders) sum += count;
  return std::min(1.0, std::exp(std::log(sum) - log_choose(first + second, first)));
}

double sign_probability(std::size_t count, std::size_t successes) {
  double sum = 0;
  for (std::size_t k = 0; k <= std::min(successes, count); ++k)
    sum += std::exp(log_choose(count, k) - static_cast<double>(count) * std::log(2.0));
  return std::min(1.0, sum);
}

Change compare_durations(std::span<const double> before, std::span<const double> after, double limit) {
  if (!usable(before) || !usable(after) || !(limit > 0)) return Change::too_few;
  const auto [before_low, before_high] = std::minmax_element(before.begin(), before.end());
  const auto [after_low, after_high] = std::minmax_element(after.begin(), after.end());
  Seen seen;
  seen.count = std::min(before.size(), after.size());
  seen.best = rank_probability(before.size(), after.size(), 0);
  seen.lowest = *after_low / *before_high / limit;
  seen.highest = *after_high / *before_low / limit;
  seen.range = std::max(*before_high / *before_low, *after_high / *after_low);
  seen.interval = [&] { return over(ratio(before, after), limit); };
  seen.unit_sec = *median(before) * limit;
  const std::size_t pairs = before.size() * after.size();
  seen.slower =
      rank_probability(before.size(), after.size(), not_above(before, after, limit * (1 + k_relative_floor)));
  // All pairs less those below: what is left is not below.
  std::size_t not_below = pairs;
  for (const double was : before) {
    const double least = was * limit * (1 - k_relative_floor);
    not_below -= static_cast<std::size_t>(
        std::count_if(after.begin(), after.end(), [&](double now) { return now < least; }));
  }
  seen.faster = rank_probability(before.size(), after.size(), not_below);
  return decide(seen);
}

Change compare_apart(std::span<const double> before, std::span<const double> after, double pace) {
  const Change at_once = compare_durations(before, after);
  if (at_once != Change::slower && at_once != Change::faster) return at_once;
  // What a single build has to be beyond covers the pace too.
  if (std::min(before.size(), after.size()) == 1 && pace <= k_single_factor) return at_once;
  const double limit = at_once == Change::slower ? pace : 1 / pace;
  return compare_durations(before, after, limit) == at_once ? at_once : Change::other_times;
}

Change compare_with_limit(std::span<const double> seconds, double limit_sec) {
  if (!usable(seconds) || !(limit_sec > 0)) return Change::too_few;
  const auto [low, high] = std::minmax_element(seconds.begin(), seconds.end());
  const auto count_where = [&](auto is) {
    return static_cast<std::size_t>(std::count_if(seconds.begin(), seconds.end(), is));
  };
  Seen seen;
  seen.count = seconds.size();
  seen.best = sign_probability(seconds.size(), 0);
  seen.lowest = *low / limit_sec;
  seen.highest = *high / limit_sec;
  seen.range = *high / *low;
  seen.interval = [&] { return over(estimate(seconds), limit_sec); };
  seen.unit_sec = limit_sec;
  seen.slower = sign_probability(
      seconds.size(), count_where([&](double value) { return value <= limit_sec * (1 + k_relative_floor); }));
  seen.faster = sign_probability(
      seconds.size(), count_where([&](double value) { return value >= limit_sec * (1 - k_relative_floor); }));
  return decide(seen);
}

std::vector<std::size_t> outliers(std::span<const double> values) {
  constexpr std::size_t k_least = 5;
  const auto lower = quantile(values, 0.25);
  const auto upper = quantile(values, 0.75);
  if (values.size() < k_least || !lower || !upper) return {};
  const double reach = 1.5 * (*upper - *lower);
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < *lower - reach || values[i] > *upper + reach) found.push_back(i);
  }
  return found;
}

}  // namespace buildlab::metrics
