#include "tests/unit/metrics/hand_made.h"
#include "tests/unit/metrics/recorded.h"

namespace buildlab::metrics {
namespace {

using test::bare;
using test::cached;
using test::numbers_of;
using test::ran;
using test::vertex;
using testing::DoubleNear;
using testing::IsEmpty;

constexpr double k_near = 1e-6;

TEST(Parts, AnInstantBelongsToTheFirstThatIsActive) {
  const Numbers numbers = numbers_of(
      {vertex("c", "[internal] load build context", {}, {bare(0, 4)}),
       vertex("b", "[1/2] FROM x", {}, {bare(1, 3)}), vertex("s", "[2/2] RUN a", {"b"}, {ran(2, 5)}),
       vertex("e", "exporting to oci image format", {}, {bare(4.5, 7)})},
      10);
  EXPECT_THAT(numbers.parts.steps_sec, DoubleNear(3, k_near));
  EXPECT_THAT(numbers.parts.base_pull_sec, DoubleNear(1, k_near));
  EXPECT_THAT(numbers.parts.context_sec, DoubleNear(1, k_near));
  EXPECT_THAT(numbers.parts.export_sec, DoubleNear(2, k_near));
  EXPECT_THAT(numbers.parts.idle_sec, DoubleNear(3, k_near));
  EXPECT_THAT(broken_laws(numbers, 10), IsEmpty());
}

TEST(Parts, StepsSideBySideCountOnceInPartsAndTwiceInTheSum) {
  const Numbers numbers = numbers_of(
      {vertex("s", "[2/3] RUN a", {"x"}, {ran(0, 4)}), vertex("t", "[3/3] RUN b", {"x"}, {ran(1, 5)})}, 5,
      "FROM x\nRUN a\nRUN b\n");
  EXPECT_THAT(numbers.parts.steps_sec, DoubleNear(5, k_near));
  EXPECT_THAT(numbers.steps_seconds_sum, DoubleNear(8, k_near));
}

TEST(Parts, OnlyTheClientsWindowCounts) {
  const Numbers numbers = numbers_of({vertex("s", "[2/2] RUN a", {"x"}, {ran(-3, 20)})}, 5);
  EXPECT_THAT(numbers.parts.steps_sec, DoubleNear(5, k_near));
  EXPECT_THAT(numbers.parts.idle_sec, DoubleNear(0, k_near));
  EXPECT_THAT(broken_laws(numbers, 5), IsEmpty());
}

TEST(Parts, WhatNeverEndedLastsToTheEnd) {
  const Numbers numbers = numbers_of({vertex("s", "[2/2] RUN a", {"x"}, {ran(1, std::nullopt)})}, 5);
  EXPECT_THAT(numbers.parts.steps_sec, DoubleNear(4, k_near));
  EXPECT_EQ(numbers.steps[0].outcome, StepOutcome::not_run);
  EXPECT_THAT(numbers.steps[0].seconds.value_or(0), DoubleNear(4, k_near));
}

TEST(Parts, ABareIntervalAfterAHitIsHydration) {
  const Numbers numbers =
      numbers_of({vertex("s", "[2/2] RUN a", {"x"}, {cached(1, 1), bare(2, 3)})}, 5, "FROM x\nRUN a\n");
  EXPECT_THAT(numbers.parts.hydration_sec, DoubleNear(1, k_near));
  EXPECT_EQ(numbers.parts.steps_sec, 0);
  EXPECT_EQ(numbers.steps[0].outcome, StepOutcome::hit);
}

TEST(Parts, AClockThatRunsBackwardsBreaksNoLaw) {
  const Numbers numbers = numbers_of({vertex("s", "[2/2] RUN a", {"x"}, {ran(3, 1), ran(4, 2)}),
                                      vertex("e", "exporting to image", {}, {bare(9, 8)})},
                                     5, "FROM x\nRUN a\n");
  EXPECT_THAT(broken_laws(numbers, 5), IsEmpty());
  EXPECT_THAT(numbers.parts.idle_sec, DoubleNear(5, k_near));
}

TEST(Parts, TheSourceOfAHitFollowsFromTheBuildersState) {
  const std::string file = "FROM x\nRUN a\n";
  const std::vector<Vertex> graph = {vertex("s", "[2/2] RUN a", {"x"}, {cached(1, 1.01)})};
  const auto source = [&](StateHint hint) { return numbers_of(graph, 5, file, hint).steps.at(0).source; };
  EXPECT_EQ(source({.builder_is_fresh = false, .imports_cache = false}), HitSource::local);
  EXPECT_EQ(source({.builder_is_fresh = true, .imports_cache = true}), HitSource::remote_lazy);
  EXPECT_EQ(source({.builder_is_fresh = false, .imports_cache = true}), HitSource::unknown);
}

TEST(Parts, EveryRecordingObeysTheLaws) {
  int seen = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(BUILDLAB_TEST_DATA) + "/progress")) {
    test::recorded(entry.path().filename());  // checks them
    ++seen;
  }
  EXPECT_GE(seen, 35);
}

}  // namespace
}  // namespace buildlab::metrics
