#include "framework/cli/compare_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/metrics/statistics.h"
#include "tests/support/record_builder.h"

namespace buildlab::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using verdict::Outcome;
using Values = std::vector<double>;

report::Comparison comparison(const Values& before, const Values& after) {
  auto old_record = testing::record("app.first", "cold", {});
  auto new_record = old_record;
  old_record.run_id = "one";
  new_record.run_id = "two";
  for (const double seconds : before)
    old_record.builds.push_back(testing::build(testing::cold_steps(), seconds));
  for (const double seconds : after)
    new_record.builds.push_back(testing::build(testing::cold_steps(), seconds));
  return report::compare({old_record}, {new_record});
}

CompareVerdict slower_fails(const Values& before, const Values& after) {
  return judge_comparison(comparison(before, after), {"slower"});
}

TEST(CompareVerdict, FailsWhereAPairIsSurelySlower) {
  EXPECT_EQ(slower_fails(Values(7, 10), Values(7, 13)).outcome, Outcome::gate_failed);
  EXPECT_EQ(slower_fails({10}, {20.5}).outcome, Outcome::gate_failed);
  EXPECT_EQ(judge_comparison(comparison({10}, {20.5}), {}).outcome, Outcome::passed);
}

TEST(CompareVerdict, IsOpenWhereFewBuildsTookLonger) {
  const CompareVerdict single = slower_fails({10}, {19});
  EXPECT_EQ(single.outcome, Outcome::not_evaluated);
  EXPECT_THAT(single.why,
              AllOf(HasSubstr("app.first: 10.0s → 19.0s with 1 and 1 builds"), HasSubstr("more runs")));
  EXPECT_EQ(slower_fails({10, 10}, {10.4, 10.4}).outcome, Outcome::not_evaluated);
  EXPECT_EQ(judge_comparison(comparison({10}, {19}), {"hits"}).outcome, Outcome::passed)
      << "nobody asked for times";
}

TEST(CompareVerdict, PassesWhereFewBuildsTookNoLonger) {
  EXPECT_EQ(slower_fails({10}, {10.1}).outcome, Outcome::passed) << "within the floor of 2 %";
  EXPECT_EQ(slower_fails({0.3}, {0.34}).outcome, Outcome::passed) << "and within that of 0.05 s";
  EXPECT_EQ(slower_fails({10}, {8}).outcome, Outcome::passed);
}

TEST(CompareVerdict, IsOpenWhereThePaceMayBeWhySevenTookLonger) {
  const CompareVerdict verdict = slower_fails(Values(7, 10), Values(7, 11.5));
  EXPECT_EQ(verdict.outcome, Outcome::not_evaluated);
  EXPECT_THAT(verdict.why, AllOf(HasSubstr("app.first"), HasSubstr("--pace 1.2")));
}

TEST(CompareVerdict, IsNeverOpenWhereAPairIsFaster) {
  ASSERT_EQ(comparison(Values(7, 10), Values(7, 9)).rows[0].change, "built at other times");
  EXPECT_EQ(slower_fails(Values(7, 10), Values(7, 9)).outcome, Outcome::passed);
  EXPECT_EQ(slower_fails(Values(7, 10), Values(7, 5)).outcome, Outcome::passed);
}

TEST(CompareVerdict, IsOpenWhereNothingIsComparedOrOnlyNoise) {
  EXPECT_EQ(judge_comparison({}, {}).outcome, Outcome::not_evaluated);
  EXPECT_EQ(slower_fails({10}, {}).outcome, Outcome::not_evaluated);
  report::Comparison noisy = comparison({10}, {9});
  noisy.rows[0].after_noisy = "3 of the 41 requests failed";
  EXPECT_EQ(judge_comparison(noisy, {"slower"}).outcome, Outcome::not_evaluated);
  EXPECT_EQ(judge_comparison(noisy, {}).outcome, Outcome::not_evaluated);
  EXPECT_EQ(judge_comparison(noisy, {"digest"}).outcome, Outcome::passed);
}

}  // namespace
}  // namespace buildlab::cli
