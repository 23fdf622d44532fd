// The public matchers, each with a record that matches and one that does not.
#include "gates/driver/matchers.h"

#include <gmock/gmock.h>

#include "tests/support/record_builder.h"

namespace buildlab::gates {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StringMatchResultListener;

record::ScenarioRecord edit_record() {
  return testing::record("app.edit", "edit", {testing::build(testing::edit_steps(), 2.7)});
}

std::string explanation(const RecordMatcher& matcher, const record::ScenarioRecord& record) {
  StringMatchResultListener listener;
  matcher.MatchAndExplain(record, &listener);
  return listener.str();
}

TEST(HitRatioMatcher, AsksTheRuleOfTheGate) {
  EXPECT_THAT(testing::warm_record(), HasHitRatioAtLeast(1.0));
  EXPECT_THAT(edit_record(), AllOf(HasHitRatioAtLeast(0.4), Not(HasHitRatioAtLeast(0.5))));
}

TEST(HitRatioMatcher, ExplainsItselfWithTheGatesMessage) {
  EXPECT_THAT(explanation(HasHitRatioAtLeast(0.5), edit_record()), HasSubstr("min_hit_ratio"));
}

TEST(TimeWeightedMatcher, DoesNotMatchWhatCannotBeEvaluated) {
  EXPECT_THAT(testing::warm_record(), HasTimeWeightedHitRatioAtLeast(0.9));
  EXPECT_THAT(edit_record(), Not(HasTimeWeightedHitRatioAtLeast(0.0)));
  EXPECT_THAT(testing::warm_record(), HasStableHits());
  EXPECT_THAT(testing::warm_record(), Not(HasSpreadAtMost(10)));  // of two builds
}

TEST(StepMatchers, TakeStagesLinesAndTexts) {
  EXPECT_THAT(edit_record(),
              AllOf(CachedSteps({"2"}), CachedSteps({"RUN apt-get"}), RanSteps({"RUN g++", "runtime"})));
  EXPECT_THAT(edit_record(), Not(CachedSteps({"RUN g++"})));
  EXPECT_THAT(edit_record(), Not(RanSteps({"2"})));
}

TEST(StepMatchers, DoNotMatchAStepThatIsNotThere) {
  EXPECT_THAT(edit_record(), Not(CachedSteps({"no-such-stage"})));
  EXPECT_THAT(edit_record(), Not(RanSteps({"no-such-stage"})));
}

TEST(DurationMatchers, CompareSecondsAndRecords) {
  EXPECT_THAT(testing::warm_record(), TakesAtMost(1.0));
  EXPECT_THAT(testing::cold_record(), Not(TakesAtMost(1.0)));
  EXPECT_THAT(testing::warm_record(), TakesAtMostRatioOf(0.5, testing::cold_record()));
  EXPECT_THAT(testing::cold_record(), Not(TakesAtMostRatioOf(0.5, testing::warm_record())));
}

TEST(ReproducibleMatcher, WantsOneDigest) {
  const auto same = testing::record(
      "app.reproducibility", "reproducibility",
      {testing::build(testing::cold_steps(), 16, "a"), testing::build(testing::cold_steps(), 16, "a")});
  const auto different = testing::record(
      "app.reproducibility", "reproducibility",
      {testing::build(testing::cold_steps(), 16, "a"), testing::build(testing::cold_steps(), 16, "b")});
  EXPECT_THAT(same, IsReproducible());
  EXPECT_THAT(different, Not(IsReproducible()));
}

TEST(DigestMatcher, LooksAtEveryBuild) {
  const std::string digest = testing::image("app").digest;
  EXPECT_THAT(testing::warm_record(), HasDigest(digest));
  record::ScenarioRecord record = testing::warm_record();
  record.builds[1].image = testing::image("other");
  EXPECT_THAT(record, Not(HasDigest(digest)));
  EXPECT_THAT(explanation(HasDigest(digest), record), HasSubstr("build 2 has sha256:"));
  record.builds.clear();
  EXPECT_THAT(record, Not(HasDigest(digest)));
}

TEST(ImageSizeMatcher, TakesALimit) {
  EXPECT_THAT(testing::cold_record(), HasImageSizeAtMost(Bytes{50'000'000}));
  EXPECT_THAT(testing::cold_record(), Not(HasImageSizeAtMost(Bytes{40'000'000})));
}

TEST(PassesMatcher, TakesGatesAndOutcome) {
  record::ScenarioRecord record = testing::warm_record();
  EXPECT_THAT(record, Passes());
  record.gates = {{"min_hit_ratio", verdict::Ruling::not_evaluated, "no sample", {}, {}, {}}};
  EXPECT_THAT(record, Not(Passes()));
  EXPECT_THAT(explanation(Passes(), record), HasSubstr("min_hit_ratio could not be evaluated: no sample"));
  record.gates.clear();
  record.outcome = verdict::Outcome::build_failed;
  EXPECT_THAT(record, Not(Passes()));
}

TEST(GateMatchers, DoNotMatchAScenarioThatWasStopped) {
  record::ScenarioRecord record = testing::warm_record();
  record.error = "disk full";
  EXPECT_THAT(record, Not(HasHitRatioAtLeast(0.0)));
  EXPECT_THAT(explanation(HasHitRatioAtLeast(0.0), record), HasSubstr("disk full"));
}

}  // namespace
}  // namespace buildlab::gates
