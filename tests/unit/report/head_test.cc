#include <gtest/gtest.h>

#include "framework/report/report.h"
#include "tests/support/record_builder.h"

namespace buildlab::report {
namespace {

using testing::build;
using testing::cold_record;
using testing::edit_record;
using testing::invalid;
using testing::warm_record;
using verdict::Ruling;

record::ScenarioRecord reproducibility(Ruling ruling) {
  auto record = testing::record("app.reproducibility", "reproducibility",
                                {build(testing::cold_steps(), 17.0), build(testing::cold_steps(), 18.0)});
  record.gates = {{"digest_stable", ruling, "2 builds, 1 digest", {}, {}, {}}};
  return record;
}

TEST(Head, TakesMediansOfTheValidBuildsOfAKind) {
  auto cold = cold_record();
  cold.builds = {build(testing::cold_steps(), 16.0), build(testing::cold_steps(), 18.0),
                 invalid(build(testing::cold_steps(), 60.0), "an import failed")};
  const Head head = head_of({cold, warm_record()});
  EXPECT_DOUBLE_EQ(head.cold_duration.value(), 17.0);
  EXPECT_DOUBLE_EQ(head.warm_duration.value(), 0.39);
}

TEST(Head, DoesNotCountBuildsOfOtherKindsAsOnesFromNothing) {
  const Head head = head_of({reproducibility(Ruling::pass)});
  EXPECT_EQ(head.cold_duration, std::nullopt);
}

TEST(Head, PoolsHitsOverKeptBuildersOnly) {
  // 5 of 5 twice, 2 of 5 once; the ones from nothing do not count.
  const Head head = head_of({cold_record(), warm_record(), edit_record()});
  EXPECT_DOUBLE_EQ(head.cache_hit_ratio.value(), 12.0 / 15.0);
}

TEST(Head, PoolsHitsOfValidBuildsOnly) {
  auto warm = warm_record();
  warm.builds.push_back(invalid(build(testing::cold_steps(), 60.0), "an import failed"));
  EXPECT_DOUBLE_EQ(head_of({warm}).cache_hit_ratio.value(), 1.0);
}

TEST(Head, HasNoRatioWithoutSuchBuilds) {
  EXPECT_EQ(head_of({cold_record()}).cache_hit_ratio, std::nullopt);
  EXPECT_EQ(head_of({}).cache_hit_ratio, std::nullopt);
}

TEST(Head, SaysPassOnlyWhereIndependentBuildsAgreed) {
  EXPECT_EQ(head_of({reproducibility(Ruling::pass)}).digest_stability, "PASS");
  EXPECT_EQ(head_of({reproducibility(Ruling::not_evaluated)}).digest_stability, "NOT_EVALUATED");
  auto warm = warm_record();
  warm.gates = {{"digest_stable", Ruling::pass, "1 digest", {}, {}, {}}};
  EXPECT_EQ(head_of({warm}).digest_stability, "NOT_EVALUATED");
}

TEST(Head, SaysFailWhereAnyDigestGateFailed) {
  auto warm = warm_record();
  warm.gates = {{"digest_stable", Ruling::fail, "2 digests", {}, {}, {}}};
  EXPECT_EQ(head_of({reproducibility(Ruling::pass), warm}).digest_stability, "FAIL");
}

}  // namespace
}  // namespace buildlab::report
