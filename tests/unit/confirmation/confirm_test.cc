#include "gates/confirmation/confirm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <vector>

namespace buildlab::gates {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

scenario::Scenario named(const std::string& name) {
  scenario::Scenario scenario;
  scenario.name = name;
  return scenario;
}

// Each call takes the scenario's next duration; below zero it is no sample.
struct Builds {
  std::map<std::string, std::vector<double>> seconds;
  std::map<std::string, std::size_t> built = {};
  std::vector<std::string> prefixes = {};
  std::set<std::string> noisy = {};
  double spent_sec = 0;  // by all of them

  Result<record::ScenarioRecord> operator()(const scenario::Scenario& scenario, const std::string& prefix) {
    prefixes.push_back(prefix);
    const std::size_t next = built[scenario.name]++;
    if (next >= seconds[scenario.name].size()) return fail(ErrorKind::infrastructure, "the daemon is gone");
    record::Build build;
    build.duration_sec = std::abs(seconds[scenario.name][next]);
    spent_sec += build.duration_sec;
    build.valid = seconds[scenario.name][next] > 0;
    if (!build.valid) build.invalid_reason = "a part of the cache is gone";
    if (noisy.contains(prefix)) build.noisy_network = "3 retries";
    build.artifacts = prefix + "1";
    record::ScenarioRecord record;
    record.builds = {build};
    return record;
  }
};

record::Confirmation confirm_both(Builds& builds, int at_most = 10, std::optional<double> budget_sec = {},
                                  double round_sec = 0) {
  const scenario::Scenario now = named("now");
  const scenario::Scenario then = named("then");
  return confirm({"max_duration_ratio", now, &then, 1, at_most, budget_sec, round_sec}, std::ref(builds),
                 [&builds] { return builds.spent_sec; });
}

std::vector<std::string> order(const record::Confirmation& confirmation) {
  std::vector<std::string> names;
  for (const record::ConfirmationBuild& build : confirmation.builds)
    names.push_back(std::to_string(build.round) + " " + build.scenario);
  return names;
}

TEST(Confirm, BuildsBothArmsByTurnsInReversedOrder) {
  Builds builds{{{"now", {12, 12, 12, 12}}, {"then", {10, 10, 10, 12}}}};
  const record::Confirmation confirmation = confirm_both(builds, 4);
  EXPECT_THAT(order(confirmation), ElementsAre("1 now", "1 then", "2 then", "2 now", "3 now", "3 then"));
  EXPECT_TRUE(confirmation.confirmed);
  EXPECT_EQ(confirmation.of, "then");
  EXPECT_EQ(confirmation.gate, "max_duration_ratio");
  EXPECT_EQ(builds.prefixes[2], "confirmation-2-then-");
  EXPECT_EQ(confirmation.builds[2].artifacts, "confirmation-2-then-1");
}

TEST(Confirm, OfADoublingIsTwoRounds) {
  Builds builds{{{"now", {25, 25}}, {"then", {10, 10}}}};
  const record::Confirmation confirmation = confirm_both(builds);
  EXPECT_TRUE(confirmation.confirmed);
  EXPECT_THAT(confirmation.builds, SizeIs(4));
}

TEST(Confirm, GivesUpWhereNothingIsSeen) {
  Builds builds{{{"now", {10, 10, 10, 10}}, {"then", {10, 10, 10, 10}}}};
  const record::Confirmation confirmation = confirm_both(builds);
  EXPECT_FALSE(confirmation.confirmed);
  EXPECT_EQ(confirmation.error, std::nullopt);
  EXPECT_THAT(confirmation.builds, SizeIs(6));
}

TEST(Confirm, StopsWithTheLastRound) {
  Builds builds{{{"now", {10.4, 10.5, 10.3, 10.6}}, {"then", {10, 10, 10, 10}}}};
  const record::Confirmation confirmation = confirm_both(builds, 4);
  EXPECT_FALSE(confirmation.confirmed);
  EXPECT_THAT(confirmation.builds, SizeIs(8));
  EXPECT_EQ(confirmation.at_most, 4);
}

// One and a half times as slow takes three rounds to see.
Builds slower_by_half() {
  return {{{"now", {15, 15, 15}}, {"then", {10, 10, 10}}}};
}

TEST(Confirm, EndsUndecidedBeforeARoundThatItHasNoTimeFor) {
  Builds builds = slower_by_half();
  const record::Confirmation confirmation = confirm_both(builds, 10, 49, 25);
  EXPECT_FALSE(confirmation.confirmed);
  EXPECT_THAT(confirmation.builds, SizeIs(2));
  EXPECT_THAT(confirmation.error.value_or(""),
              HasSubstr("1 of 10 rounds fit into 49.0s, a round takes 25.0s"));
  EXPECT_EQ(confirmation.budget_sec, 49);
}

TEST(Confirm, ComesToItsEndWithinItsTime) {
  Builds builds = slower_by_half();
  const record::Confirmation confirmation = confirm_both(builds, 10, 75, 25);
  EXPECT_TRUE(confirmation.confirmed);
  EXPECT_EQ(confirmation.error, std::nullopt);
}

TEST(Confirm, BeginsNoRoundThatCannotEndInItsTime) {
  Builds builds = slower_by_half();
  const record::Confirmation confirmation = confirm_both(builds, 10, 24, 25);
  EXPECT_THAT(confirmation.builds, IsEmpty());
  EXPECT_THAT(confirmation.error.value_or(""), HasSubstr("confirmation_budget_sec"));
}

TEST(Confirm, HasTheTimeThatTheScenarioAndTheTestLeave) {
  scenario::GateSettings settings;
  EXPECT_EQ(time_for(settings, 5, std::nullopt), std::nullopt);
  EXPECT_EQ(time_for(settings, 5, 100), 90);
  EXPECT_EQ(time_for(settings, 5, -1), 0);
  settings.confirmation_budget_sec = 50;
  EXPECT_EQ(time_for(settings, 5, std::nullopt), 45);
  EXPECT_EQ(time_for(settings, 5, 100), 45);
  EXPECT_EQ(time_for(settings, 5, 20), 18);
  EXPECT_EQ(time_for(settings, 60, std::nullopt), 0);
}

// Whatever the builds: of fewer rounds no decision comes but that each is far beyond the limit.
TEST(Confirm, HasTheLeastRoundsInWhichASmallSlowDownCanBeSeen) {
  const auto confirmed = [](int rounds, bool ratio) {
    Builds builds{{{"now", std::vector<double>(10, 10.5)}, {"then", std::vector<double>(10, 10.0)}}};
    if (ratio) return confirm_both(builds, rounds).confirmed;
    const scenario::Scenario now = named("now");
    return confirm({"max_duration_sec", now, nullptr, 10, rounds}, std::ref(builds), [] { return 0.0; })
        .confirmed;
  };
  EXPECT_TRUE(confirmed(scenario::k_least_confirmations_of_ratio, true));
  EXPECT_FALSE(confirmed(scenario::k_least_confirmations_of_ratio - 1, true));
  EXPECT_TRUE(confirmed(scenario::k_least_confirmations_of_limit, false));
  EXPECT_FALSE(confirmed(scenario::k_least_confirmations_of_limit - 1, false));
}

TEST(Confirm, LeavesOutARoundWithABuildThatIsNoSample) {
  Builds builds{{{"now", {25, 25, 25}}, {"then", {-10, 10, 10}}}};
  const record::Confirmation confirmation = confirm_both(builds);
  EXPECT_THAT(order(confirmation), ElementsAre("1 now", "1 then", "2 then", "2 now", "3 now", "3 then"));
  EXPECT_EQ(confirmation.builds[1].invalid_reason, "a part of the cache is gone");
  EXPECT_TRUE(confirmation.confirmed);
}

TEST(Confirm, LeavesOutARoundWithANoisyNetwork) {
  Builds builds{{{"now", {25, 25, 25}}, {"then", {10, 10, 10}}}};
  builds.noisy = {"confirmation-1-now-"};
  const record::Confirmation confirmation = confirm_both(builds);
  EXPECT_THAT(confirmation.builds, SizeIs(6));
  EXPECT_THAT(confirmation.builds[0].invalid_reason.value_or(""), HasSubstr("3 retries"));
}

TEST(Confirm, ComesToNoEndWhereNoRoundCounts) {
  Builds builds{{{"now", {25, 25, 25}}, {"then", {-10, -10, -10}}}};
  const record::Confirmation confirmation = confirm_both(builds, 3);
  EXPECT_FALSE(confirmation.confirmed);
  EXPECT_EQ(confirmation.error, "only 0 of 3 further rounds were samples");
}

TEST(Confirm, SaysWhatStoppedIt) {
  Builds builds{{{"now", {12}}, {"then", {}}}};
  const record::Confirmation confirmation = confirm_both(builds);
  EXPECT_FALSE(confirmation.confirmed);
  EXPECT_THAT(confirmation.error.value_or(""), HasSubstr("then: the daemon is gone"));
}

TEST(Confirm, OfALimitInSecondsBuildsTheScenarioAlone) {
  const scenario::Scenario now = named("now");
  Builds builds{{{"now", {11.5, 11.6, 11.5}}}};
  const record::Confirmation confirmation =
      confirm({"max_duration_sec", now, nullptr, 10, 10}, std::ref(builds), [] { return 0.0; });
  EXPECT_TRUE(confirmation.confirmed);
  EXPECT_THAT(confirmation.of, IsEmpty());
  EXPECT_THAT(order(confirmation), ElementsAre("1 now", "2 now", "3 now"));
}

}  // namespace
}  // namespace buildlab::gates
