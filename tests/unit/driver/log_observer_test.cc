// What is said on standard error while a scenario runs.
#include "gates/driver/log_observer.h"

#include <gmock/gmock.h>

#include <future>

#include "tests/support/record_builder.h"

namespace buildlab::gates {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* k_started =
    R"({"vertexes":[{"digest":"sha256:a","name":"[build 2/4] RUN npm ci","started":"2026-11-23T20:02:11Z"}]})";
constexpr const char* k_completed =
    R"({"vertexes":[{"digest":"sha256:a","name":"[build 2/4] RUN npm ci","started":"2026-11-23T20:02:11Z",)"
    R"("completed":"2026-11-23T20:02:19Z"}]})";
constexpr const char* k_second =
    R"({"vertexes":[{"digest":"sha256:b","name":"[build 3/4] COPY src .","started":"2026-11-23T20:02:12Z"}]})";

TEST(RunningSteps, NameTheOneThatStartedLast) {
  RunningSteps steps;
  EXPECT_EQ(steps.newest(), "");
  steps.take_line(k_started);
  steps.take_line(k_second);
  EXPECT_EQ(steps.newest(), "[build 3/4] COPY src .");
  steps.take_line(k_completed);
  EXPECT_EQ(steps.newest(), "[build 3/4] COPY src .");
}

TEST(RunningSteps, ForgetWhatCompleted) {
  RunningSteps steps;
  steps.take_line(k_started);
  steps.take_line(k_completed);
  EXPECT_EQ(steps.newest(), "");
}

TEST(RunningSteps, PassOverLinesThatAreNoProgress) {
  RunningSteps steps;
  for (const char* line : {"", "no json", "[]", "3", R"({"vertexes":3})", R"({"vertexes":[3,{"digest":7}]})",
                           R"({"logs":[]})"}) {
    steps.take_line(line);
  }
  EXPECT_EQ(steps.newest(), "");
}

TEST(LogObserver, TellsOfEachBuildAndTheStepsThatRan) {
  std::vector<std::string> lines;
  record::ScenarioRecord record =
      testing::record("app.edit", "edit", {testing::build(testing::edit_steps(), 2.7)});
  record.builds[0].mutation = "append src/main.cpp";
  record.builds[0].cache_state = "primed";
  {
    LogObserver log([&](std::string_view line) { lines.emplace_back(line); }, 1, std::chrono::hours(1));
    log.build_started(record, record.builds[0], false);
    log.build_finished(record, record.builds[0], false);
  }
  EXPECT_THAT(lines, ElementsAre("app.edit: build 1 of 1: started, cache primed, after append src/main.cpp",
                                 AllOf(StartsWith("app.edit: build 1 of 1: 2.7s, 2/5 cached, sha256:"),
                                       HasSubstr("")),
                                 HasSubstr("Dockerfile:4 COPY src/ ."), HasSubstr("Dockerfile:5 RUN g++"),
                                 HasSubstr("Dockerfile:7 COPY --from=build")));
}

TEST(LogObserver, SaysWhyABuildIsNoSample) {
  const record::Build build =
      testing::invalid(testing::build(testing::cold_steps(), 16.2), "the cache import failed");
  EXPECT_THAT(finished_line("app.ephemeral: build 1 of 1", build),
              HasSubstr("no sample: the cache import failed"));
}

TEST(LogObserver, GivesASignOfLifeThatNamesTheStep) {
  std::promise<std::string> beat;
  auto future = beat.get_future();
  bool told = false;
  const record::ScenarioRecord record = testing::cold_record();
  LogObserver log(
      [&](std::string_view line) {
        if (told || line.find("running for") == std::string_view::npos) return;
        if (line.find("RUN npm ci") == std::string_view::npos) return;
        told = true;
        beat.set_value(std::string(line));
      },
      1, std::chrono::milliseconds(5));
  log.build_started(record, record.builds[0], true);
  log.progress("app.cold", "", k_started);
  ASSERT_EQ(future.wait_for(std::chrono::seconds(30)), std::future_status::ready);
  EXPECT_THAT(future.get(), AllOf(StartsWith("app.cold: priming build: running for "),
                                  HasSubstr(": [build 2/4] RUN npm ci")));
}

}  // namespace
}  // namespace buildlab::gates
