#include "framework/record/backends.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/record_builder.h"

namespace buildlab::record {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

Build build_of(const std::string& backend, int iteration, double duration, bool cached) {
  Build build = testing::build(cached ? testing::warm_steps() : testing::cold_steps(), duration);
  build.builder = backend;
  build.iteration = iteration;
  build.builder_start_sec = 0.1;
  return build;
}

ScenarioRecord matrix(std::vector<BackendRow> rows) {
  ScenarioRecord record = testing::record("app.matrix", "matrix", {});
  record.backends = std::move(rows);
  return record;
}

ScenarioRecord three_backends() {
  ScenarioRecord record =
      matrix({{"none", "none"}, {"builder", "builder", true}, {"near", "registry", false, "max"}});
  for (int round = 1; round <= 3; ++round) {
    record.builds.push_back(build_of("none", round, 20 + 0.1 * round, false));
    record.builds.push_back(build_of("builder", round, 1 + 0.1 * round, true));
    record.builds.push_back(build_of("near", round, 30 + 0.1 * round, true));
  }
  return record;
}

TEST(Backends, EachHasItsOwnBuildsAndItsValue) {
  const ScenarioRecord record = three_backends();
  EXPECT_THAT(broken_laws(record), IsEmpty());
  const auto rows = summarise_backends(record);
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_EQ(rows[0].value, std::nullopt);
  EXPECT_EQ(rows[0].same_image, std::nullopt);
  EXPECT_DOUBLE_EQ(rows[0].hit_ratio.value(), 0);
  EXPECT_DOUBLE_EQ(rows[1].hit_ratio.value(), 1);
  EXPECT_NEAR(rows[1].value->median, 19, 1e-9);
  EXPECT_EQ(rows[1].value_on_runner, std::nullopt) << "the kept builder's own cache is no external one";
  EXPECT_NEAR(rows[2].value->median, -10, 1e-9);
  EXPECT_NEAR(rows[2].value->low, -10.2, 1e-9);
  EXPECT_NEAR(rows[2].value_on_runner->median, -10, 1e-9);
  EXPECT_EQ(rows[2].valid, 3U);
  EXPECT_EQ(rows[2].same_image, 3U);
  EXPECT_DOUBLE_EQ(rows[2].start_sec.value(), 0.1);
  EXPECT_EQ(rows[2].bytes_down, std::nullopt) << "no proxy counted";
}

TEST(Backends, WhatIsNoSampleCountsNowhere) {
  ScenarioRecord record = three_backends();
  for (Build& build : record.builds) {
    if (build.builder != "near" || build.iteration == 2) continue;
    build.valid = false;
    build.invalid_reason = "lost";
  }
  const auto rows = summarise_backends(record);
  EXPECT_EQ(rows[2].builds, 3U);
  EXPECT_EQ(rows[2].valid, 1U);
  EXPECT_NEAR(rows[2].duration->median, 30.2, 1e-9);
  for (Build& build : record.builds) build.valid = false;
  EXPECT_EQ(summarise_backends(record)[2].duration, std::nullopt);
  EXPECT_EQ(summarise_backends(record)[2].value, std::nullopt);
}

TEST(Backends, ANoisyNetworkIsInNoTimeAndNoValue) {
  ScenarioRecord record = three_backends();
  record.builds[5].noisy_network = "2 of the 10 requests failed";  // near, round 2
  record.builds[5].duration_sec = 300;
  record.builds[5].numbers.parts.idle_sec = 300;
  record.builds[5].builder_start_sec = 7;
  auto rows = summarise_backends(record);
  EXPECT_EQ(rows[2].valid, 3U) << "of hits and digests it is a sample";
  EXPECT_EQ(rows[2].noisy, 1U);
  EXPECT_EQ(rows[2].same_image, 3U);
  EXPECT_NEAR(rows[2].duration->high, 30.3, 1e-9);
  EXPECT_NEAR(rows[2].value->median, -10, 1e-9);
  EXPECT_DOUBLE_EQ(rows[2].start_sec.value(), 0.1);
  for (Build& build : record.builds) {
    if (build.builder == "none") build.noisy_network = "all of it";
  }
  rows = summarise_backends(record);
  EXPECT_EQ(rows[0].duration, std::nullopt);
  EXPECT_EQ(rows[2].value, std::nullopt) << "nothing to compare with";
  EXPECT_TRUE(rows[2].duration);
}

TEST(Backends, FailuresAreTheirOwnRows) {
  ScenarioRecord record = three_backends();
  record.builds[2] = testing::failed(record.builds[2], "Dockerfile:4 COPY failed");
  record.builds[8] = testing::failed(record.builds[8], "later");
  record.priming = {testing::failed(build_of("builder", 1, 3, false), "full")};
  const auto rows = summarise_backends(record);
  EXPECT_EQ(rows[0].failed, 0U);
  EXPECT_EQ(rows[0].failure, std::nullopt);
  EXPECT_EQ(rows[1].failed, 1U);
  EXPECT_EQ(rows[1].failure, "full");
  EXPECT_EQ(rows[2].failed, 2U);
  EXPECT_EQ(rows[2].failure, "Dockerfile:4 COPY failed");
  EXPECT_EQ(rows[2].valid, 1U);
}

TEST(Backends, AKeptBuilderIsComparedWithItself) {
  ScenarioRecord record =
      matrix({{"none", "none"}, {"builder", "builder", true}, {"builder+registry", "registry", true, "max"}});
  record.builds = {build_of("none", 1, 20, false), build_of("builder", 1, 1, true),
                   build_of("builder+registry", 1, 4, true)};
  const auto rows = summarise_backends(record);
  EXPECT_NEAR(rows[2].value->median, 16, 1e-9);
  EXPECT_NEAR(rows[2].value_on_runner->median, -3, 1e-9);
}

TEST(Backends, AnotherImageIsCounted) {
  ScenarioRecord record = three_backends();
  record.builds[5].image->layers[0].diff_id = testing::digest("other");
  EXPECT_EQ(summarise_backends(record)[2].same_image, 2U);
}

TEST(Backends, AreARecordEachWhereOthersAreCompared) {
  const auto split = split_by_backend({testing::cold_record(), three_backends()});
  ASSERT_THAT(split, SizeIs(4));
  EXPECT_EQ(split[0], testing::cold_record());
  EXPECT_EQ(split[3].name, "app.matrix near");
  ASSERT_THAT(split[3].builds, SizeIs(3));
  EXPECT_NEAR(split[3].builds[1].duration_sec, 30.2, 1e-9);
  EXPECT_THAT(broken_laws(split[3]), IsEmpty());
}

TEST(Backends, IterationsAreCountedForEach) {
  ScenarioRecord record = three_backends();
  record.builds.back().iteration = 4;
  EXPECT_THAT(broken_laws(record), SizeIs(1));
  record.builds.back().iteration = 3;
  record.backends.clear();
  EXPECT_FALSE(broken_laws(record).empty()) << "of other kinds they are counted through";
}

// A fault that meets every request of the cache.
std::vector<std::string> everywhere(const std::string& fault) {
  return {"import " + fault, "pull " + fault, "export " + fault};
}

ScenarioRecord at_bandwidths(const std::vector<std::pair<double, double>>& seconds_at) {
  ScenarioRecord record = matrix({{"none", "none"}, {"registry", "registry", false, "max"}});
  record.builds = {build_of("none", 1, 10, false), build_of("registry", 1, 2, true)};
  for (const auto& [bytes, seconds] : seconds_at) {
    BackendRow row{fmt::format("at-{}", bytes), "registry", false, "max"};
    row.faults = everywhere(fmt::format("bandwidth bytes_per_sec={:.0f}", bytes));
    record.builds.push_back(build_of(row.name, 1, seconds, true));
    record.backends.push_back(std::move(row));
  }
  for (Build& build : record.builds) {
    if (build.builder != "none") build.transfer.emplace();
  }
  return record;
}

// 8 MB: 2 s at 4 MB/s, 4 s at 2 MB/s, 8 s at 1 MB/s, each beside 2 s of other things; 10 s without a cache.
TEST(BreakEven, IsLinearInSecondsAByte) {
  const auto found = break_evens(at_bandwidths({{1e6, 2 + 8 * 1.5}, {4e6, 2 + 2 * 1.5}, {2e6, 2 + 4 * 1.5}}));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].backend, "registry");
  ASSERT_THAT(found[0].points, SizeIs(3));
  EXPECT_DOUBLE_EQ(found[0].points[0].at, 4e6) << "the cheapest first";
  // Of 12 MB, 8 s are left: 1.5 MB/s, between the points at 2 and at 1 MB/s.
  EXPECT_NEAR(found[0].at.value(), 1.5e6, 1);
}

TEST(BreakEven, IsNotSaidWhereTheValueKeepsItsSign) {
  const auto found = break_evens(at_bandwidths({{1e6, 5}, {2e6, 4}}));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].at, std::nullopt);
  EXPECT_THAT(break_evens(at_bandwidths({{1e6, 5}})), IsEmpty()) << "one point says nothing";
  EXPECT_THAT(break_evens(three_backends()), IsEmpty());
}

TEST(BreakEven, OfLatencyBeginsWithoutAny) {
  ScenarioRecord record = at_bandwidths({});
  BackendRow row{"far", "registry", false, "max"};
  row.faults = everywhere("latency latency_ms=400");
  record.backends.push_back(row);
  record.builds.push_back(build_of("far", 1, 18, true));
  const auto found = break_evens(record);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].of, BreakEven::Of::latency);
  EXPECT_NEAR(found[0].at.value(), 200, 1e-9);  // +8 s at 0, -8 s at 400 ms
}

TEST(BreakEven, OtherFaultsAreNoPoints) {
  ScenarioRecord record = at_bandwidths({{1e6, 14}});
  record.backends.push_back({"odd", "registry", false, "max"});
  record.builds.push_back(build_of("odd", 1, 3, true));
  std::vector<std::string>& faults = record.backends.back().faults;
  const std::vector<std::string> steady = everywhere("bandwidth bytes_per_sec=2000000");
  faults = steady;
  EXPECT_THAT(break_evens(record), SizeIs(1));
  faults.emplace_back("import gone");
  EXPECT_THAT(break_evens(record), IsEmpty());
  faults = steady;
  faults[1] = "pull bandwidth bytes_per_sec=1000";
  EXPECT_THAT(break_evens(record), IsEmpty()) << "two bandwidths are no point";
  faults = {steady[1], steady[2]};
  EXPECT_THAT(break_evens(record), IsEmpty()) << "imports pass as they are";
  faults = everywhere("bandwidth bytes_per_sec=2000000 build=2");
  EXPECT_THAT(break_evens(record), IsEmpty()) << "the other builds are not met";
}

TEST(BreakEven, ARegistryOfTheUsersOwnIsOnNoLine) {
  ScenarioRecord record = at_bandwidths({{1e6, 14}, {2e6, 8}});
  ASSERT_THAT(break_evens(record), SizeIs(1));
  record.builds[1].transfer.reset();
  EXPECT_THAT(break_evens(record), IsEmpty());
}

}  // namespace
}  // namespace buildlab::record
