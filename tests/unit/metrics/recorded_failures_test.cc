// Real builds that failed: no provenance, so names join to lines.
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

TEST(RecordedFailures, NamesJoinDespiteNumbersThatSkip) {
  const auto build = recorded("failed_run");
  EXPECT_EQ(build.provenance, std::nullopt);
  // Line 4 is WORKDIR /, which makes no vertex; "three" stands on a named context, so its RUN has number 1.
  EXPECT_THAT(rows(build.numbers),
              ElementsAre("2 ran", "4 not-in-graph", "5 ran", "6 ran", "7 not-run", "9 not-run", "11 ran",
                          "13 ran", "14 ran", "15 failed", "16 not-run", "17 not-run", "18 not-run"));
  EXPECT_THAT(row_at(build.numbers, 7).error.value_or(""), HasSubstr("context canceled"));
  EXPECT_GT(row_at(build.numbers, 7).seconds.value_or(0), 0.5) << "it was active until it was cancelled";
  const Step& failed = row_at(build.numbers, 15);
  EXPECT_THAT(failed.error.value_or(""), HasSubstr("exit code: 7"));
  EXPECT_THAT(failed.log_tail, ElementsAre("out", "problem"));
  EXPECT_GE(failed.seconds.value_or(0), 0.7);
  EXPECT_THAT(build.numbers.error.value_or(""), HasSubstr("exit code: 7"));
  EXPECT_THAT(build.graph.plain_lines, testing::Contains(HasSubstr("error: failed to solve")));
}

TEST(RecordedFailures, ACopyOfNothingFailsAndTheRestNeverStarts) {
  const auto build = recorded("failed_copy");
  EXPECT_THAT(rows(build.numbers), ElementsAre("2 ran", "4 failed", "5 not-run"));
  EXPECT_THAT(build.numbers.error.value_or(""), HasSubstr("/nothing"));
}

TEST(RecordedFailures, AServerThatIsGoneFailsTheAddAndItsCopyNeverStarts) {
  const auto build = recorded("add_url_gone");
  EXPECT_THAT(rows(build.numbers), ElementsAre("2 failed", "3 failed", "4 not-run"));
  EXPECT_THAT(build.numbers.error.value_or(""), HasSubstr("connection refused"));
}

TEST(RecordedFailures, ALazilyMissingBlobFailsTheConsumer) {
  const auto build = recorded("lazy_blob_missing");
  EXPECT_THAT(rows(build.numbers), ElementsAre("2 hit inferred", "3 hit inferred", "4 hit remote-hydrated",
                                               "5 failed", "6 not-run"));
  EXPECT_THAT(build.numbers.error.value_or(""), HasSubstr("could not fetch content descriptor"));
}

TEST(RecordedFailures, AChainOfFailedLoadsEndsTheBuild) {
  const auto build = recorded("failed_load_fatal");
  EXPECT_THAT(rows(build.numbers),
              ElementsAre("2 hit inferred", "3 hit inferred", "4 hit remote-lazy", "5 failed", "6 not-run"));
  EXPECT_THAT(row_at(build.numbers, 6).error.value_or(""), HasSubstr("not found"));
}

TEST(RecordedFailures, WithoutAGraphNoStepIsInIt) {
  EXPECT_THAT(rows("syntax_error"), testing::Each(testing::EndsWith("not-in-graph")));
  const auto build = recorded("base_missing");
  EXPECT_THAT(rows(build.numbers), ElementsAre("2 not-in-graph"));
  EXPECT_EQ(build.numbers.cache_hit_ratio, std::nullopt);
  EXPECT_THAT(build.numbers.error.value_or(""), HasSubstr("base:absent: not found"));
}

TEST(RecordedFailures, TheLastFortyLinesOfTheLogAreKept) {
  const auto build = recorded("long_log");
  const Step& step = row_at(build.numbers, 2);
  ASSERT_THAT(step.log_tail, SizeIs(40));
  EXPECT_EQ(step.log_tail.front(), "line 261 of many");
  EXPECT_EQ(step.log_tail[38], "line 299 of many");
  EXPECT_EQ(step.log_tail.back(), "no end");
}

}  // namespace
}  // namespace buildlab::metrics
