// Quantiles of type 7 and percentile bootstrap. The seed is fixed: equal values give equal intervals.
#include "framework/metrics/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

namespace buildlab::metrics {
namespace {

constexpr int k_resamples = 4000;
constexpr std::uint64_t k_seed = 0x6275696C646C6162;  // "buildlab"

// An index below `count` from the generator's high bits; the bias of count / 2^64 is far below any use here,
// and unlike std::uniform_int_distribution it is the same in every standard library.
std::size_t below(std::mt19937_64& random, std::size_t count) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::size_t>((static_cast<Wide>(random()) * count) >> 64U);
}

double sorted_quantile(std::span<const double> sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto lower = static_cast<std::size_t>(position);
  const std::size_t upper = std::min(lower + 1, sorted.size() - 1);
  return sorted[lower] + (position - static_cast<double>(lower)) * (sorted[upper] - sorted[lower]);
}

// `scratch` is overwritten.
double median_in_place(std::vector<double>& scratch) {
  const auto middle = scratch.begin() + static_cast<std::ptrdiff_t>(scratch.size() / 2);
  std::nth_element(scratch.begin(), middle, scratch.end());
  if (scratch.size() % 2 == 1) return *middle;
  return (*std::max_element(scratch.begin(), middle) + *middle) / 2;
}

double resampled_median(std::span<const double> values, std::mt19937_64& random,
                        std::vector<double>& scratch) {
  scratch.resize(values.size());
  for (double& value : scratch) value = values[below(random, values.size())];
  return median_in_place(scratch);
}

bool all_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

}  // namespace

std::optional<double> quantile(std::span<const double> values, double q) {
  if (values.empty() || !all_finite(values) || !(q >= 0 && q <= 1)) return std::nullopt;
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted_quantile(sorted, q);
}

std::optional<double> median(std::span<const double> values) {
  return quantile(values, 0.5);
}

std::optional<Estimate> estimate(std::span<const double> values) {
  const auto middle = median(values);
  if (!middle) return std::nullopt;
  Estimate result{.median = *middle, .count = values.size()};
  if (values.size() < 3) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    result.low = *low;
    result.high = *high;
    return result;
  }
  std::mt19937_64 random(k_seed);
  std::vector<double> scratch;
  std::vector<double> medians(k_resamples);
  for (double& value : medians) value = resampled_median(values, random, scratch);
  std::sort(medians.begin(), medians.end());
  result.low = sorted_quantile(medians, 0.025);
  result.high = sorted_quantile(medians, 0.975);
  return result;
}

std::optional<Estimate> ratio(std::span<const double> before, std::span<const double> after) {
  if (before.empty() || after.empty() || !all_finite(before) || !all_finite(after)) return std::nullopt;
  if (*std::min_element(before.begin(), before.end()) <= 0) return std::nullopt;
  Estimate result{.median = *median(after) / *median(before), .count = std::min(before.size(), after.size())};
  if (result.count < 3) {
    const auto [before_low, before_high] = std::minmax_element(before.begin(), before.end());
    const auto [after_low, after_high] = std::minmax_element(after.begin(), after.end());
    result.low = *after_low / *before_high;
    result.high = *after_high / *before_low;
    return result;
  }
  std::mt19937_64 random(k_seed);
  std::vector<double> scratch;
  std::vector<double> ratios(k_resamples);
  for (double& value : ratios) {
    const double denominator = resampled_median(before, random, scratch);
    value = resampled_median(after, random, scratch) / denominator;
  }
  std::sort(ratios.begin(), ratios.end());
  result.low = sorted_quantile(ratios, 0.025);
  result.high = sorted_quantile(ratios, 0.975);
  return result;
}

std::optional<Estimate> saving(std::span<const double> before, std::span<const double> after) {
  if (before.empty() || after.empty() || !all_finite(before) || !all_finite(after)) return std::nullopt;
  Estimate result{.median = *median(before) - *median(after), .count = std::min(before.size(), after.size())};
  if (result.count < 3) {
    const auto [before_low, before_high] = std::minmax_element(before.begin(), before.end());
    const auto [after_low, after_high] = std::minmax_element(after.begin(), after.end());
    result.low = *before_low - *after_high;
    result.high = *before_high - *after_low;
    return result;
  }
  std::mt19937_64 random(k_seed);
  std::vector<double> scratch;
  std::vector<double> savings(k_resamples);
  for (double& value : savings) {
    const double minuend = resampled_median(before, random, scratch);
    value = minuend - resampled_median(after, random, scratch);
  }
  std::sort(savings.begin(), savings.end());
  result.low = sorted_quantile(savings, 0.025);
  result.high = sorted_quantile(savings, 0.975);
  return result;
}

}  // namespace buildlab::metrics
