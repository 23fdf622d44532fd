// Real builds on one builder: what ran, what was a hit, and where a plain reading of the stream goes wrong.
#include "tests/unit/metrics/hand_made.h"
#include "tests/unit/metrics/recorded.h"

namespace buildlab::metrics {
namespace {

using test::recorded;
using test::row_at;
using test::rows;
using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(RecordedHits, AnEmptyBuilderRunsEverything) {
  const auto build = recorded("first_build");
  EXPECT_THAT(rows(build.numbers), ElementsAre("4 ran", "5 ran", "6 ran", "9 ran", "10 ran", "11 ran",
                                               "12 ran", "19 ran", "20 ran"));
  EXPECT_EQ(build.numbers.cache_hit_ratio, 0.0);
  EXPECT_EQ(build.numbers.ran, 9);
  // The RUN sleeps for 0.3 s, the other for 0.2 s.
  EXPECT_THAT(row_at(build.numbers, 6).seconds.value_or(0),
              testing::AllOf(testing::Ge(0.3), testing::Lt(1.0)));
  EXPECT_THAT(row_at(build.numbers, 12).seconds.value_or(0),
              testing::AllOf(testing::Ge(0.2), testing::Lt(1.0)));
  EXPECT_EQ(row_at(build.numbers, 12).lines, (dockerfile::LineRange{12, 14}));
  EXPECT_EQ(row_at(build.numbers, 12).stage, "builder");
  EXPECT_EQ(row_at(build.numbers, 20).stage, "stage-3");
  EXPECT_GT(build.numbers.parts.base_pull_sec, 0.1);
  EXPECT_GT(build.numbers.parts.export_sec, 0.05);
  EXPECT_EQ(build.numbers.parts.hydration_sec, 0);
  EXPECT_THAT(build.numbers.error, testing::Eq(std::nullopt));
}

TEST(RecordedHits, AnUnchangedBuildInfersAllButTheLastStep) {
  const auto build = recorded("unchanged");
  EXPECT_THAT(rows(build.numbers), ElementsAre("4 hit inferred", "5 hit inferred", "6 hit inferred",
                                               "9 hit inferred", "10 hit inferred", "11 hit inferred",
                                               "12 hit inferred", "19 hit inferred", "20 hit local"));
  EXPECT_EQ(build.numbers.cache_hit_ratio, 1.0);
  EXPECT_EQ(build.numbers.steps_seconds_sum, 0);
  EXPECT_EQ(build.numbers.parts.steps_sec, 0);
  EXPECT_EQ(build.numbers.parts.hydration_sec, 0);
}

TEST(RecordedHits, FromIsNoStepAlthoughItHasSeveralIntervals) {
  const auto build = recorded("source_changed");
  EXPECT_THAT(rows(build.numbers),
              ElementsAre("4 hit inferred", "5 hit inferred", "6 hit inferred", "9 hit inferred",
                          "10 hit local", "11 ran", "12 ran", "19 ran", "20 ran"));
  EXPECT_THAT(build.numbers.cache_hit_ratio.value_or(-1), DoubleNear(5.0 / 9, 1e-12));
  const auto from =
      std::find_if(build.graph.vertexes.begin(), build.graph.vertexes.end(),
                   [](const Vertex& vertex) { return vertex.name.find("FROM ") != std::string::npos; });
  ASSERT_NE(from, build.graph.vertexes.end());
  EXPECT_GE(from->intervals.size(), 2U);
}

TEST(RecordedHits, OnlyTheStagesOfTheTargetAreCounted) {
  EXPECT_THAT(rows("target_stage"), ElementsAre("4 hit inferred", "5 hit inferred", "6 hit local"));
}

TEST(RecordedHits, NoCacheDoesNotForceWorkdir) {
  EXPECT_THAT(rows("forced"), ElementsAre("4 hit local", "5 ran", "6 ran", "9 hit local", "10 ran", "11 ran",
                                          "12 ran", "19 ran", "20 ran"));
}

TEST(RecordedHits, AnInsertedLineMovesNumbersInNamesAndNothingElse) {
  const auto build = recorded("line_inserted");
  EXPECT_THAT(rows(build.numbers),
              ElementsAre("4 hit inferred", "5 hit inferred", "6 hit inferred", "9 hit inferred",
                          "10 hit local", "11 ran", "12 ran", "13 ran", "20 hit inferred", "21 hit local"));
  EXPECT_THAT(row_at(build.numbers, 12).text, "COPY src src");
}

TEST(RecordedHits, MergedTwinsShareTheOneThatRan) {
  // One of the two says "context canceled" in a build that succeeded.
  const auto build = recorded("twins_first");
  EXPECT_EQ(build.about["exit_code"], 0);
  EXPECT_EQ(std::count_if(build.graph.vertexes.begin(), build.graph.vertexes.end(),
                          [](const Vertex& vertex) {
                            return !vertex.intervals.empty() &&
                                   vertex.intervals.back().error.ends_with("context canceled");
                          }),
            1);
  EXPECT_THAT(rows(build.numbers), ElementsAre("2 ran", "4 ran", "6 ran", "7 ran"));
  EXPECT_THAT(build.numbers.error, testing::Eq(std::nullopt));
  EXPECT_EQ(row_at(build.numbers, 2).seconds, row_at(build.numbers, 4).seconds);
  // The work was done once.
  EXPECT_LT(build.numbers.steps_seconds_sum, 2 * *row_at(build.numbers, 2).seconds);
}

TEST(RecordedHits, MergedTwinsAreBothHitsAfterwards) {
  EXPECT_THAT(rows("twins_again"),
              ElementsAre("2 hit inferred", "4 hit inferred", "6 hit inferred", "7 hit local"));
  EXPECT_THAT(rows("twins_half_known"),
              ElementsAre("2 hit inferred", "4 hit local", "5 ran", "7 ran", "8 ran"));
}

TEST(HandMade, AMergedTwinMayBeWrittenOtherwise) {
  auto cancelled = test::ran(1, 2);
  cancelled.error = "context canceled";
  const std::vector<Vertex> graph{
      test::vertex("f", "[internal] load build context", {}, {test::ran(0, 1)}),
      test::vertex("a", "[a 1/1] COPY ./src /x", {"f"}, {test::ran(1, 3)}),
      test::vertex("b", "[b 1/1] COPY src/ /x", {"f"}, {cancelled}),
      test::vertex("c", "[stage-2 1/2] COPY --from=a /x /a", {"a"}, {test::ran(3, 4)}),
      test::vertex("d", "[stage-2 2/2] COPY --from=b /x /b", {"c", "b"}, {test::ran(4, 5)})};
  const std::string dockerfile =
      "FROM scratch AS a\nCOPY ./src /x\nFROM scratch AS b\nCOPY src/ /x\n"
      "FROM scratch\nCOPY --from=a /x /a\nCOPY --from=b /x /b\n";
  EXPECT_THAT(rows(test::numbers_of(graph, 5, dockerfile)), ElementsAre("2 ran", "4 ran", "6 ran", "7 ran"));
  StateHint ended;
  ended.build_succeeded = false;
  EXPECT_THAT(rows(test::numbers_of(graph, 5, dockerfile, ended)),
              ElementsAre("2 ran", "4 not-run", "6 ran", "7 ran"))
      << "in a build that was ended it was the one that was cut short";
}

TEST(RecordedHits, OneVertexOfTwoInstructionsSettlesBoth) {
  const auto build = recorded("same_vertex");
  EXPECT_THAT(rows(build.numbers), ElementsAre("2 ran", "4 ran", "6 ran", "7 ran"));
  EXPECT_LT(build.numbers.steps_seconds_sum, 2 * *row_at(build.numbers, 2).seconds);
}

TEST(RecordedHits, OneVertexOfTwoInstructionsIsFoundWithoutProvenance) {
  auto build = recorded("same_vertex");
  const Numbers by_name =
      analyse(build.graph, std::nullopt, build.file, std::nullopt, {}, build.window, build.hint);
  EXPECT_EQ(rows(by_name), rows(build.numbers));
}

TEST(RecordedHits, WorkOfAnotherBuildCountsFromTheWindowsStart) {
  const auto build = recorded("shared_with_another");
  EXPECT_THAT(rows(build.numbers), ElementsAre("2 ran", "3 ran", "4 ran"));
  EXPECT_LT(row_at(build.numbers, 3).started_sec.value_or(0), 0) << "the other build started it";
  EXPECT_LT(row_at(build.numbers, 3).seconds.value_or(9), 1.2)
      << "it slept for 1.2 s, partly before this build";
}

TEST(RecordedHits, TheDownloadOfAnAddDecidesNothing) {
  EXPECT_THAT(rows("add_url"), ElementsAre("2 ran", "3 ran", "4 ran"));
  EXPECT_THAT(rows("add_url_again"), ElementsAre("2 hit inferred", "3 hit inferred", "4 hit local"));
}

TEST(RecordedHits, ALinkedCopyIsAHitWhenOnlyItsMergeIsNew) {
  EXPECT_THAT(rows("heredoc_and_link"), ElementsAre("2 ran", "3 ran", "6 ran", "10 ran", "11 ran"));
  EXPECT_THAT(rows("heredoc_changed"),
              ElementsAre("2 hit local", "3 ran", "6 ran", "10 hit local", "11 ran"));
  EXPECT_THAT(rows("linked_file_changed"),
              ElementsAre("2 hit inferred", "3 hit inferred", "6 hit local", "10 ran", "11 ran"));
}

TEST(RecordedHits, TriggersAreStepsOfTheStageThatStartsFromThem) {
  const auto first = recorded("triggers");
  EXPECT_THAT(rows(first.numbers), ElementsAre("6 ran", "6 ran", "6 ran", "7 ran"));
  EXPECT_EQ(first.numbers.steps[1].stage, "app");
  EXPECT_EQ(first.numbers.steps[1].text, "ONBUILD RUN cat /a > /b");
  EXPECT_THAT(rows("trigger_changed"), ElementsAre("6 hit inferred", "6 hit local", "6 ran", "7 ran"));
  const Numbers by_name =
      analyse(first.graph, std::nullopt, first.file, std::nullopt, {}, first.window, first.hint);
  EXPECT_EQ(rows(by_name), rows(first.numbers));
}

TEST(RecordedHits, AHeredocIsOneStepWithAllItsLines) {
  const auto build = recorded("heredoc_and_link");
  EXPECT_EQ(row_at(build.numbers, 3).lines, (dockerfile::LineRange{3, 5}));
  EXPECT_EQ(row_at(build.numbers, 6).lines, (dockerfile::LineRange{6, 9}));
}

TEST(RecordedHits, EqualContentCutsOffWhatFollows) {
  EXPECT_THAT(rows("content_cut_off"), ElementsAre("2 ran", "3 ran", "5 hit inferred", "6 hit local"));
}

TEST(RecordedHits, AStepThatRanForOnePlatformRan) {
  EXPECT_THAT(rows("two_platforms"), ElementsAre("3 ran", "4 ran"));
}

// Every recording without its provenance: names alone lead to the same rows.
TEST(RecordedHits, NamesLeadToTheSameRowsAsProvenance) {
  int compared = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(BUILDLAB_TEST_DATA) + "/progress")) {
    auto build = recorded(entry.path().filename());
    if (!build.provenance) continue;
    std::optional<std::string> target;
    if (build.about["target"].is_string()) target = build.about["target"].get<std::string>();
    const Numbers by_name =
        analyse(build.graph, std::nullopt, build.file, target, {}, build.window, build.hint);
    EXPECT_EQ(rows(by_name), rows(build.numbers)) << entry.path();
    ++compared;
  }
  EXPECT_GE(compared, 25);
}

}  // namespace
}  // namespace buildlab::metrics
