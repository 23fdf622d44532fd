// One scenario on a thread of its own; the tests wait for their parts of it.
#include "gates/driver/scenario_execution.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/support/record_builder.h"

namespace buildlab::gates {
namespace {

TEST(ScenarioExecution, GivesABuildWhileTheScenarioStillRuns) {
  run::Observer silent;
  std::promise<void> seen;
  auto seen_future = seen.get_future();
  const record::ScenarioRecord record = testing::cold_record();
  ScenarioExecution execution(
      [&](run::Observer& observer) -> Ending {
        observer.build_finished(record, record.builds[0], false);
        seen_future.wait();  // ends only after the test below had its build
        return record;
      },
      silent);
  EXPECT_FALSE(execution.started());
  const auto build = execution.wait_for_build(1);
  seen.set_value();
  ASSERT_TRUE(build);
  EXPECT_EQ(*build, record.builds[0]);
  EXPECT_TRUE(execution.started());
  EXPECT_EQ(*execution.wait_for_end(), record);
}

TEST(ScenarioExecution, TakesNoPrimingBuildForAMeasuredOne) {
  run::Observer silent;
  record::ScenarioRecord record = testing::cold_record();
  ScenarioExecution execution(
      [&](run::Observer& observer) -> Ending {
        observer.build_finished(record, record.builds[0], true);
        record.builds.clear();
        return record;
      },
      silent);
  EXPECT_EQ(execution.wait_for_build(1), std::nullopt);
}

TEST(ScenarioExecution, HasNoBuildWhenItEndsInAnError) {
  run::Observer silent;
  ScenarioExecution execution(
      [](run::Observer&) -> Ending { return fail(ErrorKind::infrastructure, "no buildkitd"); }, silent);
  EXPECT_EQ(execution.wait_for_build(1), std::nullopt);
  ASSERT_FALSE(execution.wait_for_end());
  EXPECT_EQ(execution.wait_for_end().error().message, "no buildkitd");
}

TEST(ScenarioExecution, LeavesTheLastWordToTheRecord) {
  run::Observer silent;
  record::ScenarioRecord record = testing::cold_record();
  ScenarioExecution execution(
      [&](run::Observer& observer) -> Ending {
        observer.build_finished(record, record.builds[0], false);
        record.builds[0] = testing::invalid(record.builds[0], "found out later");
        return record;
      },
      silent);
  (void)execution.wait_for_end();
  EXPECT_EQ(execution.wait_for_build(1)->invalid_reason, "found out later");
}

TEST(ScenarioExecution, TellsTheNextObserverEverything) {
  class Count : public run::Observer {
   public:
    int messages = 0, starts = 0, lines = 0, ends = 0;
    void message(std::string_view) override { ++messages; }
    void build_started(const record::ScenarioRecord&, const record::Build&, bool) override { ++starts; }
    void progress(std::string_view, std::string_view, std::string_view) override { ++lines; }
    void build_finished(const record::ScenarioRecord&, const record::Build&, bool) override { ++ends; }
  } count;
  const record::ScenarioRecord record = testing::cold_record();
  ScenarioExecution execution(
      [&](run::Observer& observer) -> Ending {
        observer.message("hello");
        observer.build_started(record, record.builds[0], true);
        observer.progress("app.cold", "", "{}");
        observer.build_finished(record, record.builds[0], true);
        return record;
      },
      count);
  (void)execution.wait_for_end();
  EXPECT_EQ(count.messages, 1);
  EXPECT_EQ(count.starts, 1);
  EXPECT_EQ(count.lines, 1);
  EXPECT_EQ(count.ends, 1);
}

}  // namespace
}  // namespace buildlab::gates
