#include "framework/run/run_count.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::run {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Builds of the durations, over and over, until no more is wanted.
int builds_of(const scenario::Scenario& scenario, record::ScenarioRecord& record,
              const std::vector<std::optional<double>>& seconds) {
  RunCount count(scenario, record);
  int builds = 0;
  while (count.wants_another() && builds < 100)
    count.built(seconds[static_cast<std::size_t>(builds++) % seconds.size()]);
  return builds;
}

scenario::Scenario adaptive(int least, int most, double until) {
  scenario::Scenario scenario;
  scenario.runs = least;
  scenario.adaptive = scenario::AdaptiveRuns{most, until, std::nullopt};
  return scenario;
}

TEST(RunCount, IsTheNumberThatIsGiven) {
  scenario::Scenario scenario;
  scenario.runs = 4;
  record::ScenarioRecord record;
  EXPECT_EQ(builds_of(scenario, record, {1, 9}), 4);
  EXPECT_EQ(record.run_length, std::nullopt);
  EXPECT_THAT(record.notes, IsEmpty());
}

TEST(RunCount, EndsWithANarrowInterval) {
  record::ScenarioRecord record;
  EXPECT_EQ(builds_of(adaptive(2, 12, 0.05), record, {10, 10.1, 10.2}), 5);
  ASSERT_TRUE(record.run_length);
  EXPECT_EQ(record.run_length->stopped, "interval");
  EXPECT_LE(record.run_length->interval.value_or(1), 0.05);
  EXPECT_THAT(record.notes, ElementsAre(HasSubstr("5 builds (2 to 12)")));
}

TEST(RunCount, EndsWithTheMostWhereItStaysWide) {
  record::ScenarioRecord record;
  EXPECT_EQ(builds_of(adaptive(2, 7, 0.05), record, {10, 14, std::nullopt}), 7);
  EXPECT_EQ(record.run_length->stopped, "most");
  EXPECT_GT(record.run_length->interval.value_or(0), 0.05);
}

TEST(RunCount, CountsNoBuildThatMetTroubleWithTheNetwork) {
  record::ScenarioRecord record;
  RunCount count(adaptive(3, 8, 0.05), record);
  for (int i = 0; count.wants_another() && i < 20; ++i) {
    record::Build build;
    build.valid = true;
    build.duration_sec = i == 1 ? 40 : 10;
    if (i == 1) {
      metrics::Step step;
      step.fetches = metrics::Fetches{.requests = 2, .failed = 1};
      build.numbers.steps = {step};
    }
    record.builds.push_back(build);
    count.built(build.duration_sec);
  }
  EXPECT_EQ(record.run_length->stopped, "interval");
  EXPECT_EQ(record.run_length->interval, 0) << "of the builds of 10 s";
}

// A build fails, so that nobody asks for another one.
TEST(RunCount, SaysThatItFailedUntilItEnds) {
  record::ScenarioRecord record;
  const scenario::Scenario scenario = adaptive(2, 7, 0.05);
  RunCount count(scenario, record);
  EXPECT_TRUE(count.wants_another());
  count.built(10);
  EXPECT_EQ(record.run_length->stopped, "failed");
  EXPECT_EQ(record.run_length->interval, std::nullopt);
}

}  // namespace
}  // namespace buildlab::run
