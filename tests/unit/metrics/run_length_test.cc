#include "framework/metrics/run_length.h"

#include <gtest/gtest.h>

#include <vector>

namespace buildlab::metrics {
namespace {

using Values = std::vector<double>;

constexpr RunRule k_rule{.least = 3, .most = 8, .until_interval = 0.1, .budget_sec = 100};

TEST(RunLength, IsAtLeastTheLeastWhateverItTakes) {
  EXPECT_EQ(why_stop(k_rule, 0, {}, 0), std::nullopt);
  EXPECT_EQ(why_stop(k_rule, 2, Values(2, 500.0), 1000), std::nullopt);
  EXPECT_EQ(why_stop(k_rule, 3, Values(3, 500.0), 1500), Stop::budget);
}

TEST(RunLength, EndsWithANarrowIntervalOfEnoughDurations) {
  EXPECT_EQ(why_stop(k_rule, 4, Values(4, 10.0), 40), std::nullopt) << "four are too few for an interval";
  EXPECT_EQ(why_stop(k_rule, 5, Values{10, 10.1, 10.2, 10.3, 10.4}, 51), Stop::interval);
  EXPECT_EQ(why_stop(k_rule, 5, Values{10, 11, 12, 13, 14}, 60), std::nullopt);
}

TEST(RunLength, EndsWithTheMost) {
  EXPECT_EQ(why_stop(k_rule, 7, Values{5, 6, 7, 8, 9, 10, 11}, 56), std::nullopt);
  EXPECT_EQ(why_stop(k_rule, 8, Values{5, 6, 7, 8, 9, 10, 11, 12}, 68), Stop::most);
}

// One more takes 20 s as those before did.
TEST(RunLength, EndsBeforeABuildThatWouldExceedTheBudget) {
  EXPECT_EQ(why_stop(k_rule, 4, Values{5, 20, 20, 35}, 80), std::nullopt);
  EXPECT_EQ(why_stop(k_rule, 4, Values{5, 20, 20, 36}, 81), Stop::budget);
  RunRule rule = k_rule;
  rule.budget_sec.reset();
  EXPECT_EQ(why_stop(rule, 4, Values{5, 20, 20, 36}, 1e6), std::nullopt);
}

// No sample is no duration, and a build all the same.
TEST(RunLength, CountsBuildsThatAreNoSamples) {
  EXPECT_EQ(why_stop(k_rule, 8, Values(4, 10.0), 80), Stop::most);
}

TEST(RelativeInterval, IsThatOfTheMedian) {
  EXPECT_EQ(relative_interval(Values{10}), std::nullopt);
  EXPECT_EQ(relative_interval({}), std::nullopt);
  EXPECT_NEAR(relative_interval(Values{10, 12}).value(), 2.0 / 11, 1e-12);
  EXPECT_EQ(relative_interval(Values(6, 3.0)), 0);
}

}  // namespace
}  // namespace buildlab::metrics
