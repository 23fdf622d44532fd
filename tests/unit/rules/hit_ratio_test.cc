#include "tests/unit/rules/rule_fixture.h"

namespace buildlab::gates {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using verdict::Ruling;
using verdict::Verdict;

Verdict judge_hits(const record::ScenarioRecord& record, double limit) {
  scenario::GateSettings settings;
  settings.min_hit_ratio = limit;
  return verdict_of("min_hit_ratio", record, settings);
}

Verdict judge_weighted(const record::ScenarioRecord& record, double limit) {
  scenario::GateSettings settings;
  settings.min_time_weighted_hit_ratio = limit;
  return verdict_of("min_time_weighted_hit_ratio", record, settings);
}

TEST(MinHitRatio, PassesAtItsLimitExactly) {
  EXPECT_EQ(judge_hits(testing::edit_record(), 0.4).ruling, Ruling::pass);  // 2 of 5
  EXPECT_EQ(judge_hits(testing::edit_record(), 0.41).ruling, Ruling::fail);
  EXPECT_EQ(judge_hits(testing::warm_record(), 1.0).ruling, Ruling::pass);
}

TEST(MinHitRatio, FailsWithTheStepsThatRanLongestFirst) {
  const Verdict verdict = judge_hits(testing::edit_record(), 0.5);
  EXPECT_EQ(verdict.message, "0.40 in build 1 (2 of 5 steps cached), at least 0.50 asked");
  EXPECT_THAT(verdict.evidence,
              ElementsAre("Dockerfile:5 RUN g++ -O2 -o hello main.cpp: ran, 1.9s",
                          "Dockerfile:4 COPY src/ .: ran, 0.10s",
                          "Dockerfile:7 COPY --from=build /src/hello /usr/bin/hello: ran, 0.10s"));
  EXPECT_EQ(verdict.file, "Dockerfile");
  EXPECT_EQ(verdict.line, 5);
}

// Steps 4, 5 and 7 of the edit ran.
record::ScenarioRecord with_reasons() {
  auto record = testing::edit_record();
  for (metrics::Step& step : record.builds[0].numbers.steps) {
    if (step.outcome != metrics::StepOutcome::ran) continue;
    step.miss = step.lines.first == 4
                    ? metrics::Miss{metrics::MissReason::input_content, "src/main.cpp"}
                    : metrics::Miss{metrics::MissReason::parent_rekeyed, "Dockerfile:4 COPY src/ ."};
  }
  return record;
}

TEST(MinHitRatio, FailsWithTheReasonsAtTheLineThatCausedThem) {
  for (const Verdict& verdict : {judge_hits(with_reasons(), 0.5), judge_weighted(with_reasons(), 0.9)}) {
    EXPECT_THAT(verdict.message,
                ::testing::EndsWith("; Dockerfile:4 COPY src/ .: input-content: src/main.cpp"));
    EXPECT_EQ(verdict.line, 4);
    EXPECT_THAT(verdict.evidence,
                ::testing::Contains("Dockerfile:5 RUN g++ -O2 -o hello main.cpp: ran, 1.9s; parent-rekeyed: "
                                    "Dockerfile:4 COPY src/ ."));
  }
}

TEST(MinHitRatio, LooksAtTheWorstBuild) {
  auto record = testing::warm_record();
  record.builds.push_back(testing::build(testing::edit_steps(), 3));
  record.builds.back().iteration = 3;
  const Verdict verdict = judge_hits(record, 0.9);
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_THAT(verdict.message, HasSubstr("build 3"));
}

TEST(MinHitRatio, IsOfAllCommitsTogetherInAWalkThroughHistory) {
  auto record = testing::warm_record();  // 2 builds, all of 5 steps cached
  const auto cached = static_cast<int>(record.builds.size()) * 5;
  record.builds.push_back(testing::build(testing::edit_steps(), 3));
  record.replay = replay::Walk();
  const double ratio = (cached + 2.0) / (cached + 5.0);
  EXPECT_EQ(judge_hits(record, ratio - 0.01).ruling, Ruling::pass);
  const Verdict verdict = judge_hits(record, ratio + 0.01);
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_THAT(verdict.message, HasSubstr("in 3 commits"));
  EXPECT_EQ(verdict.line, 5) << "of the build that ran most";
}

TEST(MinHitRatio, IsNotEvaluatedWithoutAStepThatCounts) {
  EXPECT_EQ(judge_hits(testing::record("x", "warm", {testing::build({}, 1)}), 0).ruling,
            Ruling::not_evaluated);
}

TEST(MinTimeWeightedHitRatio, ComparesTheWorstBuildWithItsLimit) {
  auto record = testing::edit_record();
  EXPECT_EQ(judge_weighted(record, 0.85).ruling, Ruling::pass);
  const Verdict verdict = judge_weighted(record, 0.9);
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_THAT(verdict.message, HasSubstr("0.85 of the cold seconds avoided in build 1, at least 0.90 asked"));
  EXPECT_EQ(verdict.line, 5);
}

TEST(MinTimeWeightedHitRatio, IsNotEvaluatedWithoutAColdRecordAndSaysHowToMakeOne) {
  auto record = testing::edit_record();
  record.builds[0].time_weighted_hit_ratio.reset();
  const Verdict verdict = judge_weighted(record, 0);
  EXPECT_EQ(verdict.ruling, Ruling::not_evaluated);
  EXPECT_THAT(verdict.message, HasSubstr("\"app\""));
  EXPECT_THAT(verdict.evidence, ElementsAre(HasSubstr("kind cold")));
}

}  // namespace
}  // namespace buildlab::gates
