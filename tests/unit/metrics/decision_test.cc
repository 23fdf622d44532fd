#include "framework/metrics/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/metrics/decision_simulation.h"

namespace buildlab::metrics {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Values = std::vector<double>;

// Counted by hand: of the 20 orders of three and three, one has no inversion, one has one, two have two.
TEST(RankProbability, CountsOrders) {
  EXPECT_NEAR(rank_probability(3, 3, 0), 1.0 / 20, 1e-12);
  EXPECT_NEAR(rank_probability(3, 3, 1), 2.0 / 20, 1e-12);
  EXPECT_NEAR(rank_probability(3, 3, 2), 4.0 / 20, 1e-12);
  EXPECT_NEAR(rank_probability(3, 3, 4), 10.0 / 20, 1e-12);
  EXPECT_EQ(rank_probability(3, 3, 9), 1);
  EXPECT_NEAR(rank_probability(1, 4, 1), 2.0 / 5, 1e-12);
}

// Table of Mann and Whitney: of ten and ten, 19 is the last value that one per cent allows.
TEST(RankProbability, HasTheKnownLimitsOfOnePerCent) {
  EXPECT_LE(rank_probability(10, 10, 19), 0.01);
  EXPECT_GT(rank_probability(10, 10, 20), 0.01);
  EXPECT_LE(rank_probability(5, 5, 1), 0.01);
  EXPECT_GT(rank_probability(5, 5, 2), 0.01);
}

TEST(RankProbability, IsContinuedByTheNormalDistribution) {
  EXPECT_NEAR(rank_probability(50, 50, 900), rank_probability(51, 50, 919), 0.001);
  EXPECT_NEAR(rank_probability(1000, 1000, 500'000), 0.5, 0.001);
}

TEST(SignProbability, IsThatOfACoin) {
  EXPECT_NEAR(sign_probability(7, 0), 1.0 / 128, 1e-12);
  EXPECT_NEAR(sign_probability(10, 1), 11.0 / 1024, 1e-12);
  EXPECT_NEAR(sign_probability(4, 4), 1, 1e-12);
  EXPECT_GT(sign_probability(1000, 500), 0.5);
}

TEST(CompareDurations, SaysTheSameInBothDirections) {
  const Values quick = {10.0, 10.1, 10.2, 10.3, 10.1};
  const Values slow = {11.0, 11.1, 11.2, 11.3, 11.1};
  EXPECT_EQ(compare_durations(quick, slow), Change::slower);
  EXPECT_EQ(compare_durations(slow, quick), Change::faster);
  EXPECT_EQ(compare_durations(quick, quick), Change::no_difference);
}

TEST(CompareDurations, ComparesWithTheLimitTimesTheOther) {
  const Values before(5, 10.0);
  EXPECT_EQ(compare_durations(before, Values(5, 5.05), 0.5), Change::no_difference);
  EXPECT_EQ(compare_durations(before, Values(5, 5.2), 0.5), Change::slower);
  EXPECT_EQ(compare_durations(before, Values(5, 4.8), 0.5), Change::faster);
}

TEST(CompareDurations, NeedsBothFloors) {
  EXPECT_EQ(compare_durations(Values(9, 100.0), Values(9, 101.9)), Change::no_difference);
  EXPECT_EQ(compare_durations(Values(9, 0.3), Values(9, 0.34)), Change::no_difference);
  EXPECT_EQ(compare_durations(Values(9, 0.3), Values(9, 0.36)), Change::slower);
}

TEST(CompareDurations, IsNotMovedByASpikeInTheEarlierBuilds) {
  const Values before = {10.0, 10.1, 10.2, 10.3, 10.1, 10.0, 10.2, 25.0};
  EXPECT_EQ(compare_durations(before, Values(8, 11.2)), Change::slower);
}

// Five of five are above each other's in 1 of 252 orders; four of four in 1 of 70, which is too often.
TEST(CompareDurations, OfFourAsksForMoreThanOfFive) {
  EXPECT_EQ(compare_durations(Values(5, 10.0), Values(5, 10.5)), Change::slower);
  EXPECT_EQ(compare_durations(Values(4, 10.0), Values(4, 10.5)), Change::too_few);
  EXPECT_EQ(compare_durations(Values(4, 10.0), Values(4, 11.1)), Change::slower);
  EXPECT_EQ(compare_durations(Values(4, 10.0), Values(4, 10.0)), Change::no_difference);
}

TEST(CompareDurations, OfASingleBuildSeesADoublingOnly) {
  EXPECT_EQ(compare_durations(Values{10}, Values{19}), Change::too_few);
  EXPECT_EQ(compare_durations(Values{10}, Values{20.1}), Change::slower);
  EXPECT_EQ(compare_durations(Values(20, 10.0), Values{19}), Change::too_few);
  EXPECT_EQ(compare_durations(Values{10}, Values{4.9}), Change::faster);
}

TEST(CompareApart, TellsOnlyWhatIsBeyondThePace) {
  EXPECT_EQ(compare_apart(Values(7, 10.0), Values(7, 11.9), 1.2), Change::other_times);
  EXPECT_EQ(compare_apart(Values(7, 10.0), Values(7, 12.5), 1.2), Change::slower);
  EXPECT_EQ(compare_apart(Values(7, 10.0), Values(7, 8.5), 1.2), Change::other_times);
  EXPECT_EQ(compare_apart(Values(7, 10.0), Values(7, 8.0), 1.2), Change::faster);
  EXPECT_EQ(compare_apart(Values(7, 10.0), Values(7, 10.1), 1.2), Change::no_difference);
  EXPECT_EQ(compare_apart(Values(7, 10.0), Values(7, 10.5), 1), Change::slower);
}

TEST(CompareApart, OfASingleBuildAsksForADoublingAsEver) {
  EXPECT_EQ(compare_apart(Values{10}, Values{20.1}, 1.2), Change::slower);
  EXPECT_EQ(compare_apart(Values{10}, Values{19}, 1.2), Change::too_few);
  EXPECT_EQ(compare_apart(Values{10}, Values{25}, 3), Change::other_times);
}

TEST(CompareDurations, SaysNothingOfWhatIsNoDuration) {
  EXPECT_EQ(compare_durations({}, Values{1}), Change::too_few);
  EXPECT_EQ(compare_durations(Values{0}, Values{1}), Change::too_few);
  EXPECT_EQ(compare_durations(Values{1}, Values{std::numeric_limits<double>::infinity()}), Change::too_few);
  EXPECT_EQ(compare_with_limit({}, 1), Change::too_few);
}

TEST(Outliers, AreBeyondTukeysFences) {
  EXPECT_THAT(outliers(Values{10, 11, 12, 13, 14, 30}), ElementsAre(5U));
  EXPECT_THAT(outliers(Values{1, 10, 11, 12, 13, 30}), ElementsAre(0U, 5U));
  EXPECT_THAT(outliers(Values{10, 11, 12, 13, 14}), IsEmpty());
  EXPECT_THAT(outliers(Values{10, 10, 10, 90}), IsEmpty()) << "too few to tell";
}

// A short form of decision_table.cc, with its bars.
TEST(DecisionSimulation, RaisesFalseAlarmsInAtMostOneOfAHundred) {
  for (const std::size_t runs : {1, 5, 7, 10}) {
    const simulation::Trial trial{.runs = runs, .times = 1000};
    EXPECT_LE(simulation::share_of(trial, simulation::is_slower), 0.01) << runs << " runs";
    EXPECT_LE(simulation::share_of(trial, simulation::is_over_its_limit), 0.01) << runs << " runs";
  }
}

TEST(DecisionSimulation, FindsATenthMoreInTenRuns) {
  const simulation::Trial trial{.runs = 10, .change = 1.1, .times = 60};
  EXPECT_GE(simulation::share_of(trial, simulation::is_slower), 0.95);
  EXPECT_GE(simulation::share_of(trial, simulation::is_over_its_limit), 0.95);
}

}  // namespace
}  // namespace buildlab::metrics
