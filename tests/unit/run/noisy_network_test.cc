#include "framework/run/noisy_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/run/run_count.h"
#include "tests/support/record_builder.h"

namespace buildlab::run {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

record::Build fetching(double seconds, int failed = 0, int retries = 0) {
  metrics::Step step = testing::ran("stage-0", 3, "RUN apt-get update", seconds + 1);
  step.fetches = metrics::Fetches{10, failed, retries, seconds, seconds / 2};
  return testing::build({step}, seconds + 2);
}

std::vector<bool> noisy(std::vector<record::Build> builds) {
  mark_noisy(builds);
  std::vector<bool> result;
  for (const record::Build& build : builds) result.push_back(build.noisy_network.has_value());
  return result;
}

TEST(NoisyNetwork, IsAFailureOrARetry) {
  std::vector<record::Build> builds{fetching(1), fetching(1, 2, 1)};
  mark_noisy(builds);
  EXPECT_EQ(builds[0].noisy_network, std::nullopt);
  EXPECT_THAT(builds[1].noisy_network.value_or(""),
              AllOf(HasSubstr("2 of the 10 requests"), HasSubstr("1 was asked again"),
                    HasSubstr("line 3 (RUN apt-get update)")));
}

TEST(NoisyNetwork, IsAStepWhoseFetchesTookLongerThanInTheOtherBuilds) {
  EXPECT_THAT(noisy({fetching(2), fetching(2.1), fetching(6)}), ElementsAre(false, false, true));
  EXPECT_THAT(noisy({fetching(2), fetching(6)}), ElementsAre(false, true));
  EXPECT_THAT(noisy({fetching(6), fetching(6.1), fetching(2)}), ElementsAre(false, false, false))
      << "what most builds take is usual";
}

record::Build asking_beside_its_steps(double seconds, int failed = 0, int turned_away = 0) {
  record::Build build = fetching(1);
  build.other_fetches = metrics::Fetches{2, failed, 0, seconds, seconds, turned_away};
  return build;
}

TEST(NoisyNetwork, IsAlsoThatOfRequestsThatBelongToNoStep) {
  EXPECT_THAT(noisy({asking_beside_its_steps(1), asking_beside_its_steps(1), asking_beside_its_steps(9)}),
              ElementsAre(false, false, true));
  std::vector<record::Build> builds{asking_beside_its_steps(1, 1), asking_beside_its_steps(1, 0, 7)};
  mark_noisy(builds);
  EXPECT_THAT(builds[0].noisy_network.value_or(""),
              AllOf(HasSubstr("1 of the 12 requests of steps failed"), HasSubstr("no step that is known")));
  EXPECT_THAT(builds[1].noisy_network.value_or(""),
              HasSubstr("could not serve 7 of the connections that fetched through it"));
}

TEST(NoisyNetwork, NeedsBothTheFactorAndTheSeconds) {
  EXPECT_THAT(noisy({fetching(0.1), fetching(0.1), fetching(0.5)}), ElementsAre(false, false, false));
  EXPECT_THAT(noisy({fetching(20), fetching(20), fetching(29)}), ElementsAre(false, false, false));
}

TEST(NoisyNetwork, OfOneBuildIsWhatFailed) {
  EXPECT_THAT(noisy({fetching(60)}), ElementsAre(false));
  EXPECT_THAT(noisy({fetching(1, 1)}), ElementsAre(true));
  EXPECT_THAT(noisy({testing::build({testing::ran("stage-0", 3, "RUN make", 9)}, 10)}), ElementsAre(false));
}

TEST(NoisyNetwork, BuildsThatAreNoSamplesAreNotCompared) {
  record::Build invalid = fetching(1);
  invalid.valid = false;
  invalid.invalid_reason = "for another reason";
  EXPECT_THAT(noisy({invalid, invalid, fetching(6)}), ElementsAre(false, false, false));
}

// Builds as a run makes them: each takes the next of `made`, the last one again and again.
record::ScenarioRecord run_of(int runs, const std::vector<record::Build>& made) {
  scenario::Scenario scenario;
  scenario.runs = runs;
  record::ScenarioRecord record;
  RunCount count(scenario, record);
  while (count.wants_another() && record.builds.size() < 100) {
    record.builds.push_back(made[std::min(record.builds.size(), made.size() - 1)]);
    count.built(record.builds.back().duration_sec);
  }
  return record;
}

TEST(NoisyNetwork, IsBuiltAgainWithinTheBudget) {
  EXPECT_EQ(run_of(3, {fetching(1)}).builds.size(), 3U);
  const record::ScenarioRecord one = run_of(3, {fetching(1), fetching(1, 1), fetching(1)});
  EXPECT_EQ(one.builds.size(), 4U);
  EXPECT_THAT(one.notes, ElementsAre(HasSubstr("1 further build was made")));
  EXPECT_EQ(run_of(2, {fetching(1, 1)}).builds.size(), 2 + k_most_repeats) << "all are noisy";
  EXPECT_EQ(run_of(9, {fetching(1, 1)}).builds.size(), 9 + k_most_repeats);
  EXPECT_THAT(run_of(3, {fetching(1)}).notes, IsEmpty());
}

TEST(NoisyNetwork, OfAMatrixIsARoundForTheBackendThatHasMostOfIt) {
  std::vector<record::Build> builds;
  for (const char* backend : {"none", "near", "far"}) {
    for (int round = 1; round <= 3; ++round) {
      builds.push_back(fetching(1, std::string_view(backend) == "far" ? 1 : 0));
      builds.back().builder = backend;
    }
  }
  builds[0] = fetching(1, 1);
  builds[0].builder = "none";
  mark_noisy(builds);
  EXPECT_EQ(repeats_wanted(builds, 0), 3U) << "and not 4";
  builds[6].valid = builds[7].valid = false;
  EXPECT_EQ(repeats_wanted(builds, 0), 1U) << "one of each";
  EXPECT_EQ(repeats_wanted(builds, 1), 0U);
}

}  // namespace
}  // namespace buildlab::run
