#include "framework/invalidation/map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::invalidation {
namespace {

using testing::ElementsAre;

metrics::Step cold_step(std::string stage, int line, std::string text, double seconds) {
  metrics::Step step;
  step.stage = std::move(stage);
  step.lines = {line, line};
  step.text = std::move(text);
  step.outcome = metrics::StepOutcome::ran;
  step.seconds = seconds;
  return step;
}

// The graph keeps nothing of the Dockerfile that it is made of.
StepGraph graph_of(std::string_view text, const std::vector<metrics::Step>& cold = {}) {
  const auto file = dockerfile::parse_dockerfile(text, "Dockerfile");
  EXPECT_TRUE(file) << file.error().message;
  const auto inputs = dockerfile::target_inputs(*file, std::nullopt, {});
  EXPECT_TRUE(inputs) << inputs.error().message;
  return make_graph(*file, *inputs, cold);
}

std::vector<std::string> lines_of(const StepGraph& graph, std::string_view path) {
  std::vector<std::string> lines;
  for (const Affected& each : affected_by(graph, readers_of(graph, path)))
    lines.push_back(std::to_string(graph[each.step].line) + (each.reach == Reach::at_most ? "?" : ""));
  return lines;
}

constexpr std::string_view k_two_stages =
    "FROM scratch AS build\n"        // 1
    "COPY deps.txt /\n"              // 2
    "RUN install\n"                  // 3
    "COPY src /src\n"                // 4
    "RUN make\n"                     // 5
    "FROM scratch\n"                 // 6
    "COPY etc /etc\n"                // 7
    "COPY --from=build /out /out\n"  // 8
    "RUN check\n";                   // 9

TEST(InvalidationGraph, AnEditReRunsTheStepThatReadsItAndAllBehindIt) {
  const StepGraph graph = graph_of(k_two_stages);
  EXPECT_THAT(lines_of(graph, "deps.txt"), ElementsAre("2", "3", "4", "5", "8?", "9?"));
  EXPECT_THAT(lines_of(graph, "src/a.cc"), ElementsAre("4", "5", "8?", "9?"));
  EXPECT_THAT(lines_of(graph, "etc/conf"), ElementsAre("7", "8", "9"));
  EXPECT_THAT(lines_of(graph, "README"), ElementsAre());
}

TEST(InvalidationGraph, AStageStandsOnTheStageThatItStartsFrom) {
  const StepGraph graph = graph_of("FROM scratch AS a\nCOPY x /\nFROM a AS b\nFROM b\nRUN y\n");
  EXPECT_THAT(lines_of(graph, "x"), ElementsAre("2", "5"));
}

TEST(InvalidationGraph, ALinkedCopyStandsOnNothingAndCarriesWhatStandsOnIt) {
  const StepGraph graph = graph_of("FROM scratch\nCOPY a /a\nCOPY --link b /b\nCOPY --link c /c\nRUN x\n");
  EXPECT_THAT(lines_of(graph, "a"), ElementsAre("2", "5"));
  EXPECT_THAT(lines_of(graph, "b"), ElementsAre("3", "5"));
}

TEST(InvalidationGraph, SecondsAreThoseOfTheColdStep) {
  const StepGraph graph = graph_of(
      k_two_stages, {cold_step("build", 3, "RUN install", 8), cold_step("build", 40, "RUN make", 5),
                     cold_step("stage-1", 9, "RUN check", 2), cold_step("stage-1", 3, "RUN install", 99)});
  EXPECT_EQ(graph[0].seconds, std::nullopt);
  EXPECT_EQ(graph[1].seconds, 8);
  EXPECT_EQ(graph[3].seconds, 5);  // lines move
}

TEST(InvalidationGraph, EqualInstructionsTakeTheirOwnSecondsByLine) {
  const StepGraph graph =
      graph_of("FROM scratch\nRUN x\nCOPY a /\nRUN x\n",
               {cold_step("stage-0", 2, "RUN x", 1), cold_step("stage-0", 4, "RUN x", 7)});
  EXPECT_EQ(graph[0].seconds, 1);
  EXPECT_EQ(graph[2].seconds, 7);
}

TEST(InvalidationGraph, TheLongestChainIsNotTheSumOfStagesSideBySide) {
  const StepGraph graph = graph_of(
      "FROM scratch AS a\nCOPY x /\nRUN one\nFROM scratch AS b\nCOPY x /\nRUN two\nFROM a\n"
      "COPY --from=b /r /r\n",
      {cold_step("a", 3, "RUN one", 3), cold_step("b", 6, "RUN two", 5),
       cold_step("stage-2", 8, "COPY --from=b /r /r", 1)});
  const auto affected = affected_by(graph, readers_of(graph, "x"));
  EXPECT_DOUBLE_EQ(*own_seconds(graph, affected), 9);
  EXPECT_DOUBLE_EQ(*chain_seconds(graph, affected), 6);
  EXPECT_EQ(own_seconds(graph, {}), std::nullopt);
}

TEST(InvalidationMap, HasARowForEachClassCostliestFirst) {
  const StepGraph graph =
      graph_of(k_two_stages, {cold_step("build", 3, "RUN install", 8), cold_step("build", 5, "RUN make", 5)});
  const auto rows = class_rows(
      graph, {{"README", 9}, {"deps.txt", 1}, {"src/a.cc", 10}, {"src/in/b.cc", 20}, {"src/c.h", 1}});
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].name, "deps.txt");
  EXPECT_DOUBLE_EQ(*rows[0].own_sec, 13);
  EXPECT_EQ(rows[1].name, "src/**/*.cc");
  EXPECT_EQ(rows[1].files, 2U);
  EXPECT_EQ(rows[1].size_bytes, 30U);
  EXPECT_EQ(rows[1].example, "src/in/b.cc");
  EXPECT_EQ(rows[3].name, "README");
  EXPECT_EQ(rows[3].own_sec, std::nullopt);
}

TEST(InvalidationMap, FilesOfAClassReadByOtherStepsAreAnotherRow) {
  const StepGraph graph = graph_of("FROM scratch\nCOPY src/first.cc /\nRUN x\nCOPY src /src\n");
  const auto rows = class_rows(graph, {{"src/first.cc", 1}, {"src/b.cc", 1}});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].name, "src/**/*.cc (line 2)");
  EXPECT_THAT(rows[0].readers, ElementsAre(0U, 2U));
  EXPECT_EQ(rows[1].name, "src/**/*.cc (line 4)");
}

TEST(InvalidationMap, AProbeThatRanWhatTheGraphForetellsAgrees) {
  const StepGraph graph = graph_of(k_two_stages);
  const ClassRow row = class_rows(graph, {{"src/a.cc", 1}}).front();
  std::vector<ProbedStep> ran = {{"build", 4, "COPY src /src", 0.5}, {"build", 5, "RUN make", 2}};
  const Probe cut_off = judge_probe(graph, row, ran);
  EXPECT_TRUE(cut_off.as_derived);
  EXPECT_DOUBLE_EQ(cut_off.own_sec, 2.5);
  EXPECT_THAT(cut_off.ran, ElementsAre(2U, 3U));

  ran.pop_back();
  EXPECT_FALSE(judge_probe(graph, row, ran).as_derived);  // a certain step did not run
  ran.push_back({"build", 5, "RUN make", 2});
  ran.push_back({"build", 3, "RUN install", 2});
  EXPECT_FALSE(judge_probe(graph, row, ran).as_derived);  // one that nobody foretold ran
  ran.back() = {"build", 3, "RUN elsewhere", 2};
  EXPECT_EQ(judge_probe(graph, row, ran).unknown, 1U);
}

TEST(InvalidationMap, AMeasuredRowCostsWhatWasMeasured) {
  ClassRow row;
  row.own_sec = 5;
  EXPECT_EQ(cost_of(row), 5);
  row.probe = Probe{};
  row.probe->own_sec = 2;
  EXPECT_EQ(cost_of(row), 2);
}

}  // namespace
}  // namespace buildlab::invalidation
