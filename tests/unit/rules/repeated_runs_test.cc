#include "tests/unit/rules/rule_fixture.h"

namespace buildlab::gates {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using verdict::Ruling;
using verdict::Verdict;

Verdict judge_spread(const record::ScenarioRecord& record, double limit) {
  scenario::GateSettings settings;
  settings.max_spread = limit;
  return verdict_of("max_spread", record, settings);
}

Verdict judge_hits(const record::ScenarioRecord& record) {
  scenario::GateSettings settings;
  settings.stable_hit_ratio = true;
  return verdict_of("stable_hit_ratio", record, settings);
}

TEST(MaxSpread, IsTheInterquartileRangeOverTheMedian) {
  // Quartiles of type 7: 10, 11, 12.
  const auto record = record_of_seconds({9, 10, 11, 12, 13});
  EXPECT_EQ(judge_spread(record, 2.0 / 11).ruling, Ruling::pass);
  const Verdict verdict = judge_spread(record, 0.18);
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_EQ(
      verdict.message,
      "spread 18.2 % (the middle half of 5 builds took 10.0s … 12.0s, median 11.0s), at most 18.0 % asked");
}

TEST(MaxSpread, OneSlowBuildOfManyIsMarkedAndChangesNothing) {
  const Verdict verdict = judge_spread(record_of_seconds({10, 10.1, 10.2, 10.1, 60}), 0.02);
  EXPECT_EQ(verdict.ruling, Ruling::pass);
  EXPECT_THAT(verdict.evidence, ElementsAre("build 1: 10.0s", "build 2: 10.1s", "build 3: 10.2s",
                                            "build 4: 10.1s", "build 5: 60.0s, an outlier"));
}

TEST(MaxSpread, MillisecondsApartAreNoSpread) {
  const Verdict verdict = judge_spread(record_of_seconds({0.28, 0.30, 0.32, 0.34}), 0.01);
  EXPECT_EQ(verdict.ruling, Ruling::pass);
  EXPECT_THAT(verdict.message, HasSubstr("no further apart than"));
  EXPECT_EQ(judge_spread(record_of_seconds({0.28, 0.35, 0.42, 0.49}), 0.01).ruling, Ruling::fail);
}

TEST(MaxSpread, NamesTheStepThatTookLongestBeyondItsMedian) {
  std::vector<record::Build> builds;
  for (const double extra : {0.0, 1.0, 2.0, 9.0}) {
    builds.push_back(testing::build(
        {testing::ran("build", 2, "RUN fetch", 1 + extra), testing::ran("build", 3, "RUN make", 20)},
        22 + extra));
  }
  const Verdict verdict = judge_spread(testing::record("app.x", "cold", std::move(builds)), 0.05);
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_THAT(
      verdict.evidence,
      Contains("furthest beyond its median in the slowest build: Dockerfile:2 RUN fetch, ran, 10.0s"));
  EXPECT_EQ(verdict.line, 2);
}

TEST(MaxSpread, IsNotEvaluatedWithFewerThanFourValidBuilds) {
  auto record = record_of_seconds({1, 2, 3, 4});
  record.builds[1] = testing::invalid(record.builds[1], "the import failed");
  const Verdict verdict = judge_spread(record, 10);
  EXPECT_EQ(verdict.ruling, Ruling::not_evaluated);
  EXPECT_THAT(verdict.message, HasSubstr("3 valid builds"));
}

record::ScenarioRecord hits_of(const std::vector<bool>& cached) {
  std::vector<record::Build> builds;
  for (const bool is_cached : cached) {
    const auto install =
        is_cached ? testing::hit("build", 2, "RUN install") : testing::ran("build", 2, "RUN install", 3);
    builds.push_back(testing::build({install, testing::ran("build", 3, "RUN make", 5)}, 10));
  }
  return testing::record("app.x", "ephemeral", std::move(builds));
}

TEST(StableHitRatio, PassesWhereTheSameStepsWereCached) {
  EXPECT_EQ(judge_hits(hits_of({true, true, true})).ruling, Ruling::pass);
  EXPECT_EQ(judge_hits(hits_of({false, false})).message,
            "the same steps were cached: hit ratio 0.00 in all 2 builds");
}

TEST(StableHitRatio, NamesEachStepWithTheBuildsThatRanIt) {
  const Verdict verdict = judge_hits(hits_of({true, false, true}));
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_EQ(verdict.message, "1 step was cached in some builds and not in others: hit ratios 0.00 … 0.50");
  EXPECT_THAT(verdict.evidence,
              ElementsAre("Dockerfile:2 RUN install: cached in build 1, build 3; ran, 3.0s in build 2"));
  EXPECT_EQ(verdict.line, 2);
}

TEST(StableHitRatio, SaysWhyAStepRan) {
  auto record = hits_of({true, false});
  for (metrics::Step& step : record.builds[1].numbers.steps) {
    if (step.outcome == metrics::StepOutcome::ran)
      step.miss = metrics::Miss{metrics::MissReason::result_gone, "not found"};
  }
  EXPECT_THAT(
      judge_hits(record).evidence,
      ElementsAre(
          "Dockerfile:2 RUN install: cached in build 1; ran, 3.0s in build 2 (result-gone: not found)"));
}

TEST(StableHitRatio, EqualRatiosOfOtherStepsAreNotTheSame) {
  auto record = hits_of({true, true});
  record.builds[1] =
      testing::build({testing::ran("build", 2, "RUN install", 3), testing::hit("build", 3, "RUN make")}, 10);
  record.builds[1].iteration = 2;
  const Verdict verdict = judge_hits(record);
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_EQ(verdict.evidence.size(), 2U);
}

TEST(StableHitRatio, AStepThatOneBuildDoesNotHaveCounts) {
  auto record = hits_of({true, true});
  record.builds[1] = testing::build({testing::ran("build", 3, "RUN make", 5)}, 10);
  record.builds[1].iteration = 2;
  EXPECT_THAT(judge_hits(record).evidence,
              ElementsAre("Dockerfile:2 RUN install: cached in build 1; not there in build 2"));
  std::swap(record.builds[0], record.builds[1]);
  EXPECT_EQ(judge_hits(record).ruling, Ruling::fail);
}

TEST(StableHitRatio, IsNotEvaluatedWithOneValidBuild) {
  EXPECT_EQ(judge_hits(hits_of({true})).ruling, Ruling::not_evaluated);
}

}  // namespace
}  // namespace buildlab::gates
