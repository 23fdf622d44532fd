#include "framework/metrics/confirmation.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/metrics/decision_simulation.h"

namespace buildlab::metrics {
namespace {

using Values = std::vector<double>;

TEST(ConfirmRatio, IsSaidByTwoRounds) {
  EXPECT_EQ(confirm_ratio(Values{10}, Values{20.5}, 1, 10), Confirmed::open) << "one may be a slow moment";
  EXPECT_EQ(confirm_ratio(Values{10, 10}, Values{20.5, 20.5}, 1, 10), Confirmed::yes);
  EXPECT_EQ(confirm_ratio(Values{10, 10.1}, Values{15, 15.1}, 1, 10), Confirmed::open);
  EXPECT_EQ(confirm_ratio(Values{10, 10.1, 10}, Values{15, 15.1, 15}, 1, 10), Confirmed::yes);
  EXPECT_EQ(confirm_ratio(Values{10, 10.1, 15}, Values{15, 15.1, 15.3}, 1, 10), Confirmed::open);
}

TEST(ConfirmRatio, ComparesWithTheLimitTimesTheOther) {
  EXPECT_EQ(confirm_ratio(Values{10, 10}, Values{10.5, 10.5}, 0.5, 10), Confirmed::yes);
  EXPECT_EQ(confirm_ratio(Values(10, 10.0), Values(10, 20.5), 2.1, 10), Confirmed::no);
}

TEST(ConfirmRatio, IsGivenUpWhereNothingIsSeenOfIt) {
  EXPECT_EQ(confirm_ratio(Values{10, 10}, Values{10, 10.1}, 1, 10), Confirmed::open);
  EXPECT_EQ(confirm_ratio(Values{10, 10, 10}, Values{10, 10.1, 14}, 1, 10), Confirmed::no);
}

TEST(ConfirmRatio, IsGivenUpWithTheLastRound) {
  EXPECT_EQ(confirm_ratio(Values{10, 10, 10}, Values{10.3, 10.5, 10.6}, 1, 4), Confirmed::open);
  EXPECT_EQ(confirm_ratio(Values{10, 10, 10}, Values{10.3, 10.5, 10.6}, 1, 3), Confirmed::no);
}

// The machine's pace doubles while the rounds go on: as sets the two arms overlap, as pairs they do not.
TEST(ConfirmRatio, SeesPairsWhereTheMachinesPaceChanges) {
  const Values before = {10, 11, 12, 14, 16, 18, 20, 22};
  Values after = before;
  for (double& value : after) value *= 1.1;
  EXPECT_EQ(compare_durations(before, after), Change::no_difference);
  EXPECT_EQ(confirm_ratio(before, after, 1, 10), Confirmed::yes);
}

TEST(ConfirmRatio, AsksForBothFloors) {
  EXPECT_EQ(confirm_ratio(Values(9, 0.3), Values(9, 0.34), 1, 10), Confirmed::open) << "but for 40 ms";
  EXPECT_EQ(confirm_ratio(Values(9, 0.3), Values(9, 0.36), 1, 10), Confirmed::yes);
}

TEST(ConfirmRatio, SaysNothingOfWhatIsNoDuration) {
  EXPECT_EQ(confirm_ratio({}, {}, 1, 10), Confirmed::open);
  EXPECT_EQ(confirm_ratio(Values{0}, Values{1}, 1, 10), Confirmed::open);
  EXPECT_EQ(confirm_ratio(Values{0}, Values{1}, 1, 1), Confirmed::no);
}

TEST(ConfirmLimit, AsksAsTheDecisionDoes) {
  EXPECT_EQ(confirm_limit(Values{20.5}, 10, 10), Confirmed::open);
  EXPECT_EQ(confirm_limit(Values{20.5, 21}, 10, 10), Confirmed::yes);
  EXPECT_EQ(confirm_limit(Values{19, 19}, 10, 10), Confirmed::open);
  EXPECT_EQ(confirm_limit(Values{11.5, 11.6, 11.5}, 10, 10), Confirmed::yes);
  EXPECT_EQ(confirm_limit(Values{10.1, 10, 12}, 10, 10), Confirmed::no);
  EXPECT_EQ(confirm_limit(Values(8, 10.5), 10, 8), Confirmed::yes);
  EXPECT_EQ(confirm_limit(Values(7, 10.5), 10, 7), Confirmed::no);
}

// A short form of decision_table.cc, with its bars.
TEST(ConfirmationSimulation, LeavesFalseAlarmsInAtMostOneOfAHundred) {
  for (const std::size_t runs : {2, 5, 10, 20}) {
    simulation::Trial trial{.runs = runs, .times = 1000};
    EXPECT_LE(simulation::share_red(trial, simulation::Gate::ratio), 0.01) << runs << " runs";
    EXPECT_LE(simulation::share_red(trial, simulation::Gate::limit), 0.01) << runs << " runs";
    trial.noise.spread = 0.1;
    EXPECT_LE(simulation::share_red(trial, simulation::Gate::ratio), 0.01) << runs << " runs, downloads";
    EXPECT_LE(simulation::share_red(trial, simulation::Gate::limit), 0.01) << runs << " runs, downloads";
  }
}

TEST(ConfirmationSimulation, StillFindsATenthMoreInTenRuns) {
  const simulation::Trial trial{.runs = 10, .change = 1.1, .times = 60};
  EXPECT_GE(simulation::share_red(trial, simulation::Gate::ratio), 0.95);
  EXPECT_GE(simulation::share_red(trial, simulation::Gate::limit), 0.95);
}

}  // namespace
}  // namespace buildlab::metrics
