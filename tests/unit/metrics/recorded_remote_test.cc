// Real builds on fresh builders with an imported cache.
#include "tests/unit/metrics/recorded.h"

namespace buildlab::metrics {
namespace {

using test::recorded;
using test::row_at;
using test::rows;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(RecordedRemote, AHitWhoseLayersAreExportedIsHydrated) {
  const auto build = recorded("remote_unchanged");
  EXPECT_EQ(build.numbers.cache_hit_ratio, 1.0);
  EXPECT_EQ(rows(build.numbers).back(), "20 hit remote-hydrated");
  EXPECT_EQ(row_at(build.numbers, 20).seconds, std::nullopt) << "the bare interval is no execution";
  EXPECT_GT(row_at(build.numbers, 20).hydration_seconds.value_or(0), 0.02);
  EXPECT_GT(build.numbers.parts.hydration_sec, 0.02);
  EXPECT_EQ(build.numbers.parts.steps_sec, 0);
  EXPECT_THAT(build.numbers.cache_imports, SizeIs(1));
  EXPECT_EQ(build.numbers.cache_imports.front().error, std::nullopt);
}

TEST(RecordedRemote, AHitThatNobodyNeedsStaysLazy) {
  const auto build = recorded("remote_lazy");
  EXPECT_EQ(build.numbers.cache_hit_ratio, 1.0);
  EXPECT_EQ(rows(build.numbers).back(), "20 hit remote-lazy");
}

TEST(RecordedRemote, AHitIsPulledWhenALaterStepNeedsItsFiles) {
  const auto build = recorded("remote_source_changed");
  EXPECT_THAT(rows(build.numbers),
              ElementsAre("4 hit inferred", "5 hit inferred", "6 hit inferred", "9 hit inferred",
                          "10 hit remote-hydrated", "11 ran", "12 ran", "19 ran", "20 ran"));
  EXPECT_GT(build.numbers.parts.hydration_sec, 0.05);
}

TEST(RecordedRemote, HydrationIsBlamedOnTheProducer) {
  const auto build = recorded("hydrated_for_a_consumer");
  EXPECT_THAT(rows(build.numbers),
              ElementsAre("2 hit inferred", "3 hit inferred", "4 hit remote-hydrated", "5 ran", "6 ran"));
  EXPECT_GT(row_at(build.numbers, 4).hydration_seconds.value_or(0), 0.05);
  EXPECT_EQ(row_at(build.numbers, 5).hydration_seconds, std::nullopt);
}

TEST(RecordedRemote, AFolderIsHydratedAtOnce) {
  const auto build = recorded("local_cache");
  EXPECT_EQ(build.numbers.cache_hit_ratio, 1.0);
  EXPECT_EQ(rows(build.numbers).back(), "6 hit remote-hydrated");
}

TEST(RecordedRemote, AFailedLoadThatIsReportedCachedRan) {
  const auto build = recorded("failed_load");
  EXPECT_EQ(build.about["exit_code"], 0);
  EXPECT_THAT(rows(build.numbers), ElementsAre("2 hit inferred", "3 hit inferred", "4 hit inferred",
                                               "5 hit remote-lazy", "6 ran"));
  const Step& step = row_at(build.numbers, 6);
  EXPECT_EQ(step.error, std::nullopt) << "the load's error is not the step's";
  EXPECT_GT(step.seconds.value_or(0), 0.01);
  EXPECT_GT(step.hydration_seconds.value_or(0), step.seconds.value_or(0)) << "the load in vain took longer";
  EXPECT_EQ(build.numbers.error, std::nullopt);
  ASSERT_TRUE(step.miss) << "the load's error tells why it ran";
  EXPECT_EQ(step.miss->reason, MissReason::result_gone);
  EXPECT_THAT(step.miss->detail.value_or(""), HasSubstr("not found"));
  EXPECT_FALSE(row_at(build.numbers, 5).miss) << "a hit";
  // The plain reading: some interval of the step says cached.
  const auto vertex =
      std::find_if(build.graph.vertexes.begin(), build.graph.vertexes.end(),
                   [](const Vertex& v) { return v.name.find("> three") != std::string::npos; });
  ASSERT_NE(vertex, build.graph.vertexes.end());
  EXPECT_TRUE(std::any_of(vertex->intervals.begin(), vertex->intervals.end(), [](const Interval& interval) {
    return interval.cached && !interval.error.empty();
  }));
}

TEST(RecordedRemote, AnUnreachableCacheShowsOnlyOnItsVertex) {
  const auto build = recorded("registry_unreachable");
  EXPECT_EQ(build.about["exit_code"], 0);
  EXPECT_EQ(build.numbers.cache_hit_ratio, 0.0);
  ASSERT_THAT(build.numbers.cache_imports, SizeIs(1));
  EXPECT_THAT(build.numbers.cache_imports.front().error.value_or(""), HasSubstr("localhost:9"));
  EXPECT_EQ(build.numbers.error, std::nullopt);
}

TEST(RecordedRemote, AnAbsentCacheFolderLeavesOnlyAPlainLine) {
  const auto build = recorded("local_cache_absent");
  EXPECT_EQ(build.about["exit_code"], 0);
  EXPECT_THAT(build.numbers.cache_imports, IsEmpty());
  EXPECT_THAT(build.graph.plain_lines,
              testing::Contains(HasSubstr("local cache import at /work/nowhere skipped")));
  EXPECT_EQ(build.numbers.cache_hit_ratio, 0.0);
}

TEST(RecordedRemote, ARefusedExportIsToldApart) {
  for (const char* name : {"export_refused", "export_refused_ignored"}) {
    const auto build = recorded(name);
    EXPECT_THAT(build.numbers.cache_export_error.value_or(""), HasSubstr("error writing layer blob")) << name;
    EXPECT_EQ(build.numbers.error, std::nullopt) << name;
    EXPECT_EQ(build.numbers.ran, 5) << name;
  }
}

TEST(RecordedRemote, ExportingTheCacheIsAPartOfItsOwn) {
  const auto build = recorded("cache_exported");
  EXPECT_GT(build.numbers.parts.cache_export_sec, 0.1);
  EXPECT_EQ(build.numbers.cache_export_error, std::nullopt);
}

}  // namespace
}  // namespace buildlab::metrics
