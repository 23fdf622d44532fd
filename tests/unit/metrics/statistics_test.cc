#include "framework/metrics/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace buildlab::metrics {
namespace {

TEST(Quantile, IsTypeSevenAsInR) {
  const std::vector<double> values = {7, 1, 3, 9, 4};
  EXPECT_EQ(median(values), 4);
  EXPECT_DOUBLE_EQ(quantile(values, 0.25).value(), 3);
  EXPECT_DOUBLE_EQ(quantile(values, 0.9).value(), 8.2);  // R: quantile(c(7,1,3,9,4), .9)
  EXPECT_EQ(quantile(values, 0), 1);
  EXPECT_EQ(quantile(values, 1), 9);
  EXPECT_DOUBLE_EQ(median(std::vector<double>{1, 2, 3, 10}).value(), 2.5);
}

TEST(Quantile, IsNothingWhereNothingCanBeSaid) {
  EXPECT_EQ(median({}), std::nullopt);
  EXPECT_EQ(quantile(std::vector<double>{1}, 1.5), std::nullopt);
  EXPECT_EQ(quantile(std::vector<double>{1}, std::nan("")), std::nullopt);
  EXPECT_EQ(median(std::vector<double>{1, std::nan("")}), std::nullopt);
}

TEST(Estimate, OfFewValuesIsTheirRange) {
  const auto one = estimate(std::vector<double>{2});
  EXPECT_EQ(one->low, 2);
  EXPECT_EQ(one->high, 2);
  const auto two = estimate(std::vector<double>{3, 1});
  EXPECT_EQ(two->median, 2);
  EXPECT_EQ(two->low, 1);
  EXPECT_EQ(two->high, 3);
  EXPECT_EQ(two->count, 2U);
}

TEST(Estimate, IsTheSameEveryTime) {
  const std::vector<double> values = {1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(estimate(values)->low, estimate(values)->low);
  EXPECT_EQ(estimate(values)->high, estimate(values)->high);
  EXPECT_EQ(estimate(std::vector<double>(9, 5.0))->high, 5.0);
}

// A 95 % interval holds the true median in about 95 of 100 samples.
TEST(Estimate, CoversTheTrueMedian) {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> durations(0, 0.5);  // its median is 1
  int covered = 0;
  constexpr int trials = 200;
  for (int i = 0; i < trials; ++i) {
    std::vector<double> values(25);
    for (double& value : values) value = durations(random);
    const auto interval = estimate(values);
    covered += interval->low <= 1 && 1 <= interval->high ? 1 : 0;
  }
  EXPECT_GE(covered, trials * 90 / 100);
  EXPECT_LE(covered, trials * 99 / 100);
}

TEST(Saving, IsTheDifferenceOfMediansWithItsInterval) {
  const std::vector<double> before{10.0, 10.2, 9.9, 10.1, 10.0};
  const std::vector<double> after{4.0, 4.2, 3.9, 4.1, 4.0};
  const auto saved = saving(before, after);
  ASSERT_TRUE(saved);
  EXPECT_DOUBLE_EQ(saved->median, 6.0);
  EXPECT_GT(saved->low, 5.6);
  EXPECT_LT(saved->low, 6.0);
  EXPECT_GT(saved->high, 6.0);
  EXPECT_LT(saved->high, 6.4);
  EXPECT_EQ(saved->count, 5U);
  const auto lost = saving(after, before);
  EXPECT_DOUBLE_EQ(lost->median, -6.0);
  EXPECT_LT(lost->high, -5.6);
}

TEST(Saving, OfFewValuesHoldsEveryDifference) {
  const auto saved = saving(std::vector<double>{10, 12}, std::vector<double>{4, 5, 6});
  ASSERT_TRUE(saved);
  EXPECT_DOUBLE_EQ(saved->low, 4);
  EXPECT_DOUBLE_EQ(saved->high, 8);
  EXPECT_FALSE(saving(std::vector<double>{}, std::vector<double>{1}));
  EXPECT_FALSE(saving(std::vector<double>{std::numeric_limits<double>::quiet_NaN()}, std::vector<double>{1}));
}

TEST(Ratio, ComparesMedians) {
  const std::vector<double> before = {10, 10.1, 9.9, 10, 10.05};
  const std::vector<double> after = {5, 5.1, 4.9, 5, 5.05};
  const auto compared = ratio(before, after);
  EXPECT_DOUBLE_EQ(compared->median, 0.5);
  EXPECT_GT(compared->low, 0.48);
  EXPECT_LT(compared->high, 0.52);
  EXPECT_LE(compared->low, compared->median);
  EXPECT_GE(compared->high, compared->median);
}

TEST(Ratio, OfFewValuesHoldsEveryQuotient) {
  const auto compared = ratio(std::vector<double>{1, 2}, std::vector<double>{3, 4});
  EXPECT_EQ(compared->low, 1.5);
  EXPECT_EQ(compared->high, 4);
}

TEST(Ratio, IsNothingWhereItCannotBeDivided) {
  EXPECT_EQ(ratio({}, std::vector<double>{1}).has_value(), false);
  EXPECT_EQ(ratio(std::vector<double>{1}, {}).has_value(), false);
  EXPECT_EQ(ratio(std::vector<double>{0, 1}, std::vector<double>{1}).has_value(), false);
  EXPECT_EQ(
      ratio(std::vector<double>{1}, std::vector<double>{std::numeric_limits<double>::infinity()}).has_value(),
      false);
}

}  // namespace
}  // namespace buildlab::metrics
