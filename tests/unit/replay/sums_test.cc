#include "framework/replay/sums.h"

#include <gtest/gtest.h>

#include "framework/invalidation/path_class.h"

namespace buildlab::replay {
namespace {

Row built(int number, double seconds, std::map<std::string, std::size_t> classes) {
  Row row;
  row.number = number;
  row.duration_sec = seconds;
  row.classes = std::move(classes);
  row.hits = 2;
  return row;
}

Row primer() {
  Row row = built(0, 100, {});
  row.primes = true;
  return row;
}

const ClassSum* find(const Sums& sums, const std::string& name) {
  for (const ClassSum& sum : sums.classes) {
    if (sum.name == name) return &sum;
  }
  return nullptr;
}

TEST(ReplaySums, LeaveOutWhatPrimed) {
  const Sums sums = sum_up({primer(), built(1, 2, {{"a", 1}}), built(2, 4, {{"a", 1}})});
  EXPECT_EQ(sums.commits, 2U);
  EXPECT_EQ(sums.counted, 2U);
  EXPECT_DOUBLE_EQ(*sums.mean_sec, 3);
  EXPECT_DOUBLE_EQ(sums.duration->median, 3);
}

TEST(ReplaySums, OfNothingAreAbsent) {
  const Sums sums = sum_up({primer()});
  EXPECT_EQ(sums.counted, 0U);
  EXPECT_FALSE(sums.mean_sec);
  EXPECT_FALSE(sums.duration);
  EXPECT_FALSE(sums.hit_ratio);
  EXPECT_TRUE(sums.classes.empty());
}

TEST(ReplaySums, DivideACommitAmongItsClasses) {
  const Sums sums =
      sum_up({primer(), built(1, 6, {{"a", 5}, {"b", 1}}), built(2, 2, {{"a", 1}}), built(3, 1, {{"b", 1}})});
  const ClassSum* a = find(sums, "a");
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(a->commits, 2U);
  EXPECT_DOUBLE_EQ(a->share, 2.0 / 3);
  EXPECT_DOUBLE_EQ(a->mean_sec, 4);
  EXPECT_EQ(a->alone, 1U);
  EXPECT_DOUBLE_EQ(*a->alone_sec, 2);
  EXPECT_DOUBLE_EQ(a->expected_sec, 5.0 / 3);
  double all = 0;
  for (const ClassSum& sum : sums.classes) all += sum.expected_sec;
  EXPECT_DOUBLE_EQ(all, *sums.mean_sec);
  EXPECT_EQ(sums.classes.front().name, "a");
}

TEST(ReplaySums, SecondsGoToTheClassesThatTheStepsGoBackTo) {
  Row both = built(1, 6, {{"a", 1}, {"b", 1}});
  both.blame = {{"a", 3}, {"b", 1}};
  const Sums sums = sum_up({primer(), both, built(2, 1, {{"b", 1}})});
  EXPECT_DOUBLE_EQ(find(sums, "a")->expected_sec, 6 * 0.75 / 2);
  EXPECT_DOUBLE_EQ(find(sums, "b")->expected_sec, (6 * 0.25 + 1) / 2);
  EXPECT_EQ(find(sums, "b")->alone, 1U);
}

TEST(ReplaySums, WhatNeverReachesTheBuilderPaysForNothing) {
  const std::string outside(invalidation::k_outside);
  const Sums sums =
      sum_up({primer(), built(1, 6, {{"a", 1}, {outside, 9}}), built(2, 1, {{outside, 1}}), built(3, 1, {})});
  EXPECT_DOUBLE_EQ(*find(sums, "a")->alone_sec, 6);
  EXPECT_DOUBLE_EQ(find(sums, outside)->mean_sec, 1);
  EXPECT_NE(find(sums, "(nothing changed)"), nullptr);
}

TEST(ReplaySums, ChangesOfAFailedCommitArePaidByTheNextBuild) {
  Row failed;
  failed.number = 1;
  failed.outcome = Outcome::failed;
  failed.classes = {{"a", 1}};
  const Sums sums = sum_up({primer(), failed, built(2, 4, {{"b", 1}}), built(3, 1, {{"b", 1}})});
  EXPECT_EQ(sums.failed, 1U);
  EXPECT_EQ(sums.counted, 2U);
  ASSERT_NE(find(sums, "a"), nullptr);
  EXPECT_DOUBLE_EQ(find(sums, "a")->mean_sec, 4);
  EXPECT_EQ(find(sums, "a")->commits, 1U);
}

TEST(ReplaySums, CountStepsByStageAndText) {
  Row one = built(1, 5, {{"a", 1}});
  one.ran = {{"s", 4, "RUN make", 3, "input-content"}, {"s", 5, "RUN test", 1}};
  Row two = built(2, 4, {{"a", 1}});
  two.ran = {{"s", 9, "RUN make", 2, "parent-rekeyed"}};
  const Sums sums = sum_up({primer(), one, two, built(3, 1, {})});
  ASSERT_EQ(sums.steps.size(), 2U);
  EXPECT_EQ(sums.steps[0].text, "RUN make");
  EXPECT_EQ(sums.steps[0].commits, 2U);
  EXPECT_DOUBLE_EQ(sums.steps[0].mean_sec, 2.5);
  EXPECT_DOUBLE_EQ(sums.steps[0].expected_sec, 5.0 / 3);
  EXPECT_EQ(sums.steps[0].reasons.at("parent-rekeyed"), 1U);
  EXPECT_EQ(sums.full_hits, 1U);
  EXPECT_DOUBLE_EQ(*sums.hit_ratio, 6.0 / 9);
}

TEST(ReplaySums, TellOtherOutcomesApart) {
  Row gone;
  gone.number = 1;
  gone.outcome = Outcome::no_dockerfile;
  Row refused;
  refused.number = 2;
  refused.outcome = Outcome::refused;
  Row invalid = built(3, 4, {{"a", 1}});
  invalid.invalid_reason = "no sample";
  const Sums sums = sum_up({gone, refused, invalid});
  EXPECT_EQ(sums.without_dockerfile, 1U);
  EXPECT_EQ(sums.refused, 1U);
  EXPECT_EQ(sums.commits, 3U);
  EXPECT_EQ(sums.counted, 0U);
}

}  // namespace
}  // namespace buildlab::replay
