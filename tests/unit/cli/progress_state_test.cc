#include "framework/cli/progress_state.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/report/characters.h"

namespace buildlab::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const TimePoint k_begin = TimePoint() + 1h;

dockerfile::Instruction instruction(std::string keyword, int line) {
  dockerfile::Instruction result;
  result.keyword = std::move(keyword);
  result.lines = {line, line};
  return result;
}

// FROM … AS build (1), RUN (2), ENV (3), COPY (4), RUN (5); FROM build (6), COPY (7).
std::shared_ptr<const SourceFile> source() {
  dockerfile::Stage build;
  build.name = "build";
  build.from = instruction("FROM", 1);
  build.instructions = {instruction("RUN", 2), instruction("ENV", 3), instruction("COPY", 4),
                        instruction("RUN", 5)};
  dockerfile::Stage last;
  last.index = 1;
  last.from = instruction("FROM", 6);
  last.instructions = {instruction("COPY", 7)};
  auto file = std::make_shared<SourceFile>();
  file->path = "docker/Dockerfile";
  file->content.stages = {build, last};
  return file;
}

LiveBuild build() {
  LiveBuild result;
  result.scenario = "hello.cold";
  result.label = "build 1 of 1";
  result.since = k_begin;
  result.source = source();
  return result;
}

std::string event(std::string_view digest, std::string_view name, std::string_view rest) {
  return fmt::format(R"({{"vertexes":[{{"digest":"{}","name":"{}"{}}}]}})", digest, name, rest);
}
constexpr const char* k_started = R"(,"started":"2026-11-23T20:00:00Z")";
constexpr const char* k_ended = R"(,"started":"2026-11-23T20:00:00Z","completed":"2026-11-23T20:00:02.5Z")";
constexpr const char* k_cached =
    R"(,"started":"2026-11-23T20:00:00Z","completed":"2026-11-23T20:00:00Z","cached":true)";

TEST(StepNames, AreTakenApart) {
  const StepName step = parse_step_name("[linux/amd64 build 2/4] RUN make").value();
  EXPECT_EQ(step.stage, "build");
  EXPECT_EQ(step.number, 2);
  EXPECT_EQ(step.total, 4);
  EXPECT_EQ(step.text, "RUN make");
  EXPECT_EQ(parse_step_name("[3/4] COPY a b")->stage, "");
  EXPECT_EQ(parse_step_name("[linux/amd64 3/4] COPY a b")->stage, "");
  EXPECT_EQ(parse_step_name("[5/6] LINK COPY --link a /a")->text, "COPY --link a /a");
}

TEST(StepNames, AreOnlyThoseOfSteps) {
  for (const char* name : {"[internal] load build context", "exporting to image", "[", "[1/2]", "[a/b] x",
                           "[1/x] RUN", "[-1/2] RUN", "", "[1 2 3 4/5] RUN"}) {
    EXPECT_EQ(parse_step_name(name), std::nullopt) << name;
  }
}

TEST(StepLines, CountTheBaseOnlyWhereItIsFromOutside) {
  const dockerfile::Dockerfile file = source()->content;
  EXPECT_EQ(line_of({"build", 3, 4, "COPY src/ ."}, file), 4);
  EXPECT_EQ(line_of({"build", 2, 3, "COPY src/ ."}, file), 4);
  EXPECT_EQ(line_of({"build", 1, 4, "FROM debian"}, file), 1);
  EXPECT_EQ(line_of({"stage-1", 1, 1, "COPY --from=build a b"}, file), 7);
}

TEST(StepLines, CountTriggersFirst) {
  const auto file = dockerfile::parse_dockerfile(
      "FROM scratch AS base\nONBUILD RUN a\nONBUILD ENV X=1\nFROM base AS app\nRUN b\n", "Dockerfile");
  ASSERT_TRUE(file);
  EXPECT_EQ(line_of(*parse_step_name("[app 1/3] ONBUILD RUN a"), *file), 4);
  EXPECT_EQ(line_of(*parse_step_name("[app 2/3] RUN b"), *file), 5);
}

TEST(StepLines, PassOverAWorkdirThatMakesNothing) {
  const auto file = dockerfile::parse_dockerfile("FROM scratch\nWORKDIR /\nCOPY a /a\nRUN b\n", "Dockerfile");
  ASSERT_TRUE(file);
  EXPECT_EQ(line_of(*parse_step_name("[1/3] COPY a /a"), *file), 3);
  EXPECT_EQ(line_of(*parse_step_name("[2/3] RUN b"), *file), 4);
}

TEST(StepLines, AreNotGuessed) {
  const dockerfile::Dockerfile file = source()->content;
  EXPECT_EQ(line_of({"build", 3, 6, "COPY src/ ."}, file), std::nullopt);
  EXPECT_EQ(line_of({"build", 3, 4, "RUN something"}, file), std::nullopt);
  EXPECT_EQ(line_of({"other", 3, 4, "COPY src/ ."}, file), std::nullopt);
  EXPECT_EQ(line_of({"", 3, 4, "COPY src/ ."}, file), std::nullopt);
}

TEST(ProgressLines, SayOnceThatAStepEnded) {
  LiveBuild live = build();
  EXPECT_THAT(take_progress_line(live, event("d1", "[build 3/4] COPY src/ .", k_started), k_begin),
              IsEmpty());
  EXPECT_EQ(live.running.size(), 1U);
  EXPECT_THAT(take_progress_line(live, event("d1", "[build 3/4] COPY src/ .", k_ended), k_begin),
              ElementsAre("hello.cold: step 3/4 docker/Dockerfile:4 COPY src/ . done 2.5s"));
  EXPECT_TRUE(live.running.empty());
}

TEST(ProgressLines, TellCachedFromFetchedLater) {
  LiveBuild live = build();
  EXPECT_THAT(take_progress_line(live, event("d1", "[build 2/4] RUN apt", k_cached), k_begin),
              ElementsAre("hello.cold: step 2/4 docker/Dockerfile:2 RUN apt cached"));
  EXPECT_THAT(take_progress_line(live, event("d1", "[build 2/4] RUN apt", k_ended), k_begin),
              ElementsAre("hello.cold: step 2/4 docker/Dockerfile:2 RUN apt fetched from the cache 2.5s"));
}

TEST(ProgressLines, TellADownloadThatComesBeforeItsHit) {
  LiveBuild live = build();
  const std::string known = R"(,"inputs":["d0"])";
  EXPECT_THAT(take_progress_line(live, event("d1", "[build 2/4] RUN apt", known), k_begin), IsEmpty());
  EXPECT_THAT(take_progress_line(live, event("d1", "[build 2/4] RUN apt", k_ended), k_begin),
              ElementsAre("hello.cold: step 2/4 docker/Dockerfile:2 RUN apt fetched from the cache 2.5s"));
  EXPECT_THAT(take_progress_line(live, event("d1", "[build 2/4] RUN apt", known + k_cached), k_begin),
              ElementsAre("hello.cold: step 2/4 docker/Dockerfile:2 RUN apt cached"));
  EXPECT_THAT(take_progress_line(live, event("d2", "[build 3/4] COPY a b", known + k_ended), k_begin),
              ElementsAre("hello.cold: step 3/4 docker/Dockerfile:4 COPY a b done 2.5s"));
}

TEST(ProgressLines, PassOverPreparationsUnlessTheyTakeLong) {
  LiveBuild live = build();
  EXPECT_THAT(take_progress_line(live, event("d1", "[internal] load .dockerignore", k_cached), k_begin),
              IsEmpty());
  EXPECT_THAT(take_progress_line(live, event("d2", "[build 1/4] FROM debian", k_cached), k_begin), IsEmpty());
  EXPECT_THAT(take_progress_line(live, event("d3", "exporting to oci image format", k_ended), k_begin),
              ElementsAre("hello.cold: exporting to oci image format done 2.5s"));
}

TEST(ProgressLines, NameFailures) {
  LiveBuild live = build();
  live.builder = "B";
  const std::string rest = std::string(k_ended) + R"(,"error":"exit code: 1")";
  EXPECT_THAT(
      take_progress_line(live, event("d1", "[build 4/4] RUN make", rest), k_begin),
      ElementsAre("hello.cold (B): step 4/4 docker/Dockerfile:5 RUN make failed after 2.5s: exit code: 1"));
}

TEST(ProgressLines, IgnoreWhatIsNotTheirs) {
  LiveBuild live = build();
  for (const char* line : {"", "plain text", "{\"vertexes\":", "{\"vertexes\":3}",
                           "{\"vertexes\":[3,null,{}]}", "[\"vertexes\"]", "{\"logs\":[{\"data\":\"eA==\"}]}",
                           "{\"vertexes\":[{\"digest\":1,\"name\":[],\"started\":{}}]}",
                           "{\"vertexes\":[{\"digest\":\"d\"}]}"}) {
    EXPECT_THAT(take_progress_line(live, line, k_begin), IsEmpty()) << line;
  }
  EXPECT_TRUE(live.running.empty());
}

TEST(ProgressLines, HideCredentialsAndEscapeSequences) {
  LiveBuild live = build();
  const auto said = take_progress_line(
      live, event("d1", R"([build 2/4] RUN curl https://me:hunter2@host/ \u001b[2J)", k_ended), k_begin);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_THAT(said[0], Not(HasSubstr("hunter2")));
  EXPECT_THAT(said[0], Not(HasSubstr("\x1b")));
}

TEST(Frame, ShowsRunningStepsBelowTheirBuild) {
  LiveState state{{build()}};
  take_progress_line(state.builds[0], event("d1", "[build 2/4] RUN apt-get install g++", k_started),
                     k_begin + 1s);
  const auto lines = frame(state, k_begin + 12s, {60, 24});
  EXPECT_THAT(lines, ElementsAre("⠋ hello.cold  build 1 of 1                              12s",
                                 "    docker/Dockerfile:2 RUN apt-get install g++         11s"));
}

TEST(Frame, HidesShortPreparations) {
  LiveState state{{build()}};
  take_progress_line(state.builds[0], event("d1", "[internal] load build context", k_started), k_begin);
  EXPECT_EQ(frame(state, k_begin + 500ms, {}).size(), 1U);
  EXPECT_EQ(frame(state, k_begin + 2s, {}).size(), 2U);
}

TEST(Frame, FitsEveryTerminal) {
  LiveState state;
  for (const char* builder : {"A", "B", "C"}) {
    state.builds.push_back(build());
    state.builds.back().builder = builder;
    for (int i = 0; i < 10; ++i) {
      take_progress_line(
          state.builds.back(),
          event(fmt::format("d{}", i), "[build 2/4] RUN 日本語 " + std::string(200, 'x'), k_started),
          k_begin);
    }
  }
  for (const std::size_t width : {1U, 2U, 3U, 5U, 8U, 13U, 40U, 80U, 129U}) {
    for (const std::size_t height : {1U, 2U, 5U, 24U, 100U}) {
      const auto lines = frame(state, k_begin + 100s, {width, height});
      EXPECT_LE(lines.size(), std::max<std::size_t>(height - 1, 1));
      for (const std::string& line : lines)
        EXPECT_LT(report::columns(line), std::max<std::size_t>(width, 2)) << line;
    }
  }
}

TEST(Frame, IsEmptyWithoutABuild) {
  EXPECT_THAT(frame({}, k_begin, {}), IsEmpty());
}

TEST(Heartbeat, NamesWhatIsRunning) {
  LiveState state{{build(), build()}};
  state.builds[1].builder = "B";
  take_progress_line(state.builds[0], event("d1", "[build 2/4] RUN apt", k_started), k_begin + 1s);
  EXPECT_EQ(heartbeat(state, k_begin + 31s),
            "still running: hello.cold 31s: docker/Dockerfile:2 RUN apt 30s; hello.cold (B) 31s: no step");
  EXPECT_EQ(heartbeat({}, k_begin), "");
}

}  // namespace
}  // namespace buildlab::cli
