#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/advisor/advice.h"
#include "tests/support/record_builder.h"

namespace buildlab::advisor {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Three builds of each backend, 0.1 s apart.
struct Column {
  record::BackendRow row;
  double seconds;
};

record::ScenarioRecord matrix(const std::vector<Column>& columns) {
  auto record = testing::record("app.matrix", "matrix", {});
  for (const Column& column : columns) {
    record.backends.push_back(column.row);
    for (int round = 1; round <= 3; ++round) {
      record::Build build = testing::build(testing::warm_steps(), column.seconds + 0.1 * round);
      build.builder = column.row.name;
      build.iteration = round;
      record.builds.push_back(build);
    }
  }
  return record;
}

const record::BackendRow k_none{"none", "none"};
const record::BackendRow k_builder{"builder", "builder", true};
const record::BackendRow k_registry{"registry", "registry", false, "max"};
const record::BackendRow k_local{"local", "local", false, "max"};
const record::BackendRow k_kept_registry{"builder+registry", "registry", true, "max"};

std::vector<Advice> found_in(const record::ScenarioRecord& record, std::string_view rule) {
  std::vector<Advice> advice = advise({record});
  std::erase_if(advice, [&](const Advice& entry) { return entry.rule != rule; });
  return advice;
}

TEST(MatrixFindings, EveryBackendThatCostsMoreIsNamed) {
  const auto advice = found_in(matrix({{k_none, 10}, {k_registry, 14}, {k_local, 12}}), "cache-costs-more");
  ASSERT_THAT(advice, SizeIs(2));
  EXPECT_THAT(advice[0].text,
              AllOf(HasSubstr("a fresh runner with cache_mode registry takes 14.2s"),
                    HasSubstr("without a cache 10.2s"), HasSubstr("4.0s are lost, 3.8s … 4.2s")));
  EXPECT_THAT(advice[1].text, HasSubstr("cache_mode local"));
}

TEST(MatrixFindings, OneThatSavesOrWhoseIntervalHoldsZeroIsNot) {
  EXPECT_THAT(found_in(matrix({{k_none, 10}, {k_registry, 4}}), "cache-costs-more"), IsEmpty());
  EXPECT_THAT(found_in(matrix({{k_none, 10}, {k_registry, 10.9}}), "cache-costs-more"), IsEmpty())
      << "less than is worth reading";
  EXPECT_THAT(found_in(matrix({{k_registry, 10}, {k_local, 14}}), "cache-costs-more"), IsEmpty())
      << "nothing to compare with";
}

TEST(MatrixFindings, OnAKeptBuilderACacheIsComparedWithThatBuilder) {
  const auto advice =
      found_in(matrix({{k_none, 20}, {k_builder, 1}, {k_kept_registry, 5}}), "cache-costs-more");
  ASSERT_THAT(advice, SizeIs(1));
  EXPECT_THAT(advice[0].text, AllOf(HasSubstr("a kept builder with cache_mode builder+registry takes 5.2s"),
                                    HasSubstr("without it 1.2s")));
}

TEST(MatrixFindings, ACacheThatHelpsFreshRunnersAndHurtsKeptOnesIsSaid) {
  const auto advice = found_in(matrix({{k_none, 20}, {k_builder, 1}, {k_registry, 8}, {k_kept_registry, 5}}),
                               "helps-one-runner");
  ASSERT_THAT(advice, SizeIs(1));
  EXPECT_THAT(advice[0].text,
              AllOf(HasSubstr("the cache registry saves 12.0s (11.8s … 12.2s) on a fresh runner"),
                    HasSubstr("costs 4.0s (3.8s … 4.2s) on a kept builder")));
}

TEST(MatrixFindings, ABuildersOwnCacheThatHelpsWhereTheRunnersDoesNotIsSaid) {
  const auto advice = found_in(matrix({{k_none, 10}, {k_builder, 1}, {k_registry, 14}}), "helps-one-runner");
  ASSERT_THAT(advice, SizeIs(1));
  EXPECT_THAT(advice[0].text, AllOf(HasSubstr("a kept builder's own cache saves 9.0s"),
                                    HasSubstr("the cache registry costs a fresh runner 4.0s")));
}

TEST(MatrixFindings, WhatHelpsBothOrHurtsBothIsNot) {
  EXPECT_THAT(found_in(matrix({{k_none, 20}, {k_builder, 1}, {k_registry, 8}}), "helps-one-runner"),
              IsEmpty());
  EXPECT_THAT(found_in(matrix({{k_none, 20}, {k_builder, 1}, {k_registry, 24}, {k_kept_registry, 5}}),
                       "helps-one-runner"),
              IsEmpty());
  record::BackendRow zstd = k_kept_registry;
  zstd.cache_attributes = {{"compression", "zstd"}};
  EXPECT_THAT(
      found_in(matrix({{k_none, 20}, {k_builder, 1}, {k_registry, 8}, {zstd, 5}}), "helps-one-runner"),
      IsEmpty())
      << "that is another cache";
}

}  // namespace
}  // namespace buildlab::advisor
