// Medians, intervals, ratios of repeated times. Raw values are always kept by the caller.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace buildlab::metrics {

struct Estimate {
  double median = 0;
  double low = 0;  // 95 % bootstrap interval of the median (percentile method, fixed seed)
  double high = 0;
  std::size_t count = 0;
};

// Type 7 quantile (R's default). `values` need not be sorted. nullopt when empty, when a value is
// not finite, or when q is outside [0, 1].
std::optional<double> median(std::span<const double> values);
std::optional<double> quantile(std::span<const double> values, double q);
// With fewer than three values low and high are the smallest and the largest.
std::optional<Estimate> estimate(std::span<const double> values);
// Interval of median(after) / median(before); count is the smaller of the two. nullopt when a side is empty,
// a value is not finite, or one of `before` is not above zero. With fewer than three values on a side the
// interval holds every quotient.
std::optional<Estimate> ratio(std::span<const double> before, std::span<const double> after);
// Interval of median(before) - median(after): what was saved. As ratio(), but for the division.
std::optional<Estimate> saving(std::span<const double> before, std::span<const double> after);

}  // namespace buildlab::metrics
