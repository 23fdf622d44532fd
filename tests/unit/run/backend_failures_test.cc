#include "framework/run/backend_failures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/record_builder.h"

namespace buildlab::run {
namespace {

using ::testing::ElementsAre;

const Error k_build{ErrorKind::build_failed, "backend bad: RUN make failed", {"make: no rule"}};
const Error k_export{ErrorKind::infrastructure, "backend full: the cache export was refused"};

record::Build failed_build() {
  return testing::failed(testing::build(testing::cold_steps(), 16.2), "RUN make failed");
}

TEST(BackendFailures, OfABuildOrARefusedExportLeaveTheOthersAlone) {
  record::Build build = failed_build();
  EXPECT_TRUE(others_can_go_on(k_build, &build));
  EXPECT_FALSE(others_can_go_on(k_export, &build)) << "a full disk is everybody's";
  build.numbers.cache_export_error = "401";
  EXPECT_TRUE(others_can_go_on(k_export, &build));
  build = failed_build();
  build.numbers.error = "failed to push localhost:5000/app: 500";
  EXPECT_TRUE(others_can_go_on(k_export, &build));
  EXPECT_FALSE(others_can_go_on({ErrorKind::interrupted, "interrupted"}, &build));
  EXPECT_FALSE(others_can_go_on(k_build, nullptr)) << "it came to no build";
}

TEST(BackendFailures, TwoInARowEndItsBuilds) {
  BackendFailures one;
  take_failure(one, 1, k_build);
  EXPECT_FALSE(one.given_up);
  take_failure(one, 2, k_export);
  EXPECT_TRUE(one.given_up);
  EXPECT_EQ(one.first, k_build);
  BackendFailures apart;
  take_failure(apart, 1, k_build);
  apart.in_a_row = 0;
  take_failure(apart, 3, k_build);
  EXPECT_FALSE(apart.given_up);
  BackendFailures unfilled;
  take_failure(unfilled, 0, k_build);
  EXPECT_TRUE(unfilled.given_up) << "there is nothing to import";
}

TEST(BackendFailures, OfAllBackendsEndTheMatrix) {
  const BackendFailures good;
  BackendFailures bad;
  take_failure(bad, 1, k_build);
  EXPECT_TRUE(end_of_round({&good, &bad}, 1));
  EXPECT_FALSE(end_of_round({&bad, &bad}, 1));
  EXPECT_EQ(end_of_round({&bad}, 1).error(), k_build);
  EXPECT_TRUE(end_of_round({}, 1));
  EXPECT_FALSE(end_of_round({&bad}, 0));
  BackendFailures refused;
  take_failure(refused, 0, k_export);
  EXPECT_TRUE(end_of_round({&refused}, 0)) << "a runner without a cache needs none";
}

TEST(BackendFailures, OfAllFillingsLeaveNobodyForFurtherRounds) {
  const BackendFailures good;
  BackendFailures refused;
  take_failure(refused, 0, k_export);
  EXPECT_FALSE(anyone_is_left({&refused, &refused}));
  EXPECT_TRUE(anyone_is_left({&refused, &good}));
  BackendFailures once;
  take_failure(once, 1, k_build);
  EXPECT_TRUE(anyone_is_left({&refused, &once})) << "it is tried again";
}

TEST(BackendFailures, TheOneThatWeighsMostIsWhatTheMatrixEndsWith) {
  BackendFailures bad;
  take_failure(bad, 1, k_build);
  BackendFailures full;
  take_failure(full, 2, k_export);
  const BackendFailures good;
  EXPECT_TRUE(end_of_matrix({&good, &good}));
  EXPECT_EQ(end_of_matrix({&good, &bad}).error(), k_build);
  const Status both = end_of_matrix({&bad, &good, &full});
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().kind, ErrorKind::infrastructure);
  EXPECT_EQ(both.error().message, k_export.message);
  EXPECT_THAT(both.error().details, ElementsAre("also: " + k_build.message));
}

}  // namespace
}  // namespace buildlab::run
