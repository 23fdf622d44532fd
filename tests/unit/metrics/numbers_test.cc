#include "framework/metrics/numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace buildlab::metrics {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Step step_of(std::string text, StepOutcome outcome, std::optional<double> seconds, int line = 1) {
  Step step;
  step.stage = "app";
  step.text = std::move(text);
  step.lines = {line, line};
  step.outcome = outcome;
  if (outcome == StepOutcome::hit) step.source = HitSource::local;
  step.seconds = seconds;
  return step;
}

Numbers sound_numbers() {
  Numbers numbers;
  numbers.parts = {.steps_sec = 1, .export_sec = 0.5, .idle_sec = 0.5};
  numbers.steps = {step_of("RUN a", StepOutcome::hit, std::nullopt), step_of("RUN b", StepOutcome::ran, 1.0)};
  numbers.hits = 1;
  numbers.ran = 1;
  numbers.cache_hit_ratio = 0.5;
  numbers.critical_path_sec = 1.5;
  return numbers;
}

TEST(Numbers, OutcomesAndSourcesAreReadBackAsWritten) {
  for (const auto outcome : {StepOutcome::hit, StepOutcome::ran, StepOutcome::failed, StepOutcome::not_run,
                             StepOutcome::not_in_graph}) {
    EXPECT_EQ(parse_step_outcome(to_string(outcome)).value(), outcome);
  }
  for (const auto source : {HitSource::local, HitSource::remote_hydrated, HitSource::remote_lazy,
                            HitSource::inferred, HitSource::unknown}) {
    EXPECT_EQ(parse_hit_source(to_string(source)).value(), source);
  }
  EXPECT_EQ(to_string(StepOutcome::not_in_graph), "not-in-graph");
  EXPECT_EQ(to_string(HitSource::remote_hydrated), "remote-hydrated");
  const auto wrong = parse_step_outcome("cached");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_THAT(wrong.error().message, HasSubstr("cached"));
  EXPECT_THAT(wrong.error().details, Contains(HasSubstr("not-run")));
}

TEST(Laws, HoldForSoundNumbers) {
  EXPECT_THAT(broken_laws(sound_numbers(), 2.0), IsEmpty());
}

TEST(Laws, PartsSumToTheDurationWithinFiveMilliseconds) {
  EXPECT_THAT(broken_laws(sound_numbers(), 2.0049), IsEmpty());
  EXPECT_THAT(broken_laws(sound_numbers(), 2.0051), ElementsAre(HasSubstr("the parts sum to")));
  EXPECT_THAT(broken_laws(sound_numbers(), std::numeric_limits<double>::quiet_NaN()),
              Contains(HasSubstr("sum")));
}

TEST(Laws, NoPartIsNegative) {
  Numbers numbers = sound_numbers();
  numbers.parts.idle_sec = -0.5;
  numbers.parts.steps_sec = 2;
  EXPECT_THAT(broken_laws(numbers, 2.0), ElementsAre(HasSubstr("idle_sec is -0.5")));
}

TEST(Laws, CountsAreThoseOfTheSteps) {
  Numbers numbers = sound_numbers();
  numbers.steps.push_back(step_of("RUN c", StepOutcome::failed, 0.1));
  EXPECT_THAT(broken_laws(numbers, 2.0), ElementsAre(HasSubstr("1 steps are 'failed' but 0 were counted")));
}

TEST(Laws, TheRatioIsThatOfTheCounts) {
  Numbers numbers = sound_numbers();
  numbers.cache_hit_ratio = 0.75;
  EXPECT_THAT(broken_laws(numbers, 2.0), ElementsAre(HasSubstr("cache_hit_ratio 0.75")));
  numbers.cache_hit_ratio = std::nullopt;
  EXPECT_THAT(broken_laws(numbers, 2.0), ElementsAre(HasSubstr("cache_hit_ratio is null")));
  numbers.steps.clear();
  numbers.hits = numbers.ran = 0;
  EXPECT_THAT(broken_laws(numbers, 2.0), IsEmpty());
  numbers.cache_hit_ratio = 0;
  EXPECT_THAT(broken_laws(numbers, 2.0), ElementsAre(HasSubstr("cache_hit_ratio is given")));
}

TEST(Laws, ASourceBelongsToAHit) {
  Numbers numbers = sound_numbers();
  numbers.steps[1].source = HitSource::local;
  numbers.steps[0].source = std::nullopt;
  EXPECT_THAT(broken_laws(numbers, 2.0), SizeIs(2));
}

TEST(Laws, AReasonOfAMissBelongsToAStepThatRan) {
  Numbers numbers = sound_numbers();
  for (Step& step : numbers.steps) step.miss = Miss{MissReason::first_build, std::nullopt};
  const auto hits = static_cast<std::size_t>(numbers.hits);
  EXPECT_THAT(broken_laws(numbers, 2.0), SizeIs(hits));
  for (Step& step : numbers.steps) {
    if (step.outcome == StepOutcome::hit) step.miss = std::nullopt;
  }
  EXPECT_THAT(broken_laws(numbers, 2.0), IsEmpty());
}

TEST(MissReasons, AreReadByTheirNames) {
  for (const char* name :
       {"own-definition", "input-content", "input-metadata", "parent-rekeyed", "result-gone", "import-failed",
        "forced", "nondeterministic-parent", "first-build"}) {
    const auto reason = parse_miss_reason(name);
    ASSERT_TRUE(reason) << name;
    EXPECT_EQ(to_string(*reason), name);
  }
  EXPECT_FALSE(parse_miss_reason("bad-luck"));
  EXPECT_EQ(to_text(Miss{MissReason::forced, "stage a"}), "forced: stage a");
  EXPECT_EQ(to_text(Miss{MissReason::forced, std::nullopt}), "forced");
}

TEST(Laws, TheCriticalPathFitsIntoTheBuild) {
  Numbers numbers = sound_numbers();
  numbers.critical_path_sec = 2.1;
  EXPECT_THAT(broken_laws(numbers, 2.0), ElementsAre(HasSubstr("critical path")));
}

TEST(TimeWeightedHitRatio, IsTheShareOfSecondsAvoided) {
  const std::vector<Step> first = {step_of("RUN a", StepOutcome::ran, 9.0),
                                   step_of("RUN b", StepOutcome::ran, 1.0)};
  const std::vector<Step> later = {step_of("RUN a", StepOutcome::hit, std::nullopt),
                                   step_of("RUN b", StepOutcome::ran, 1.2)};
  EXPECT_DOUBLE_EQ(time_weighted_hit_ratio(later, first).value_or(-1), 0.9);
}

TEST(TimeWeightedHitRatio, PairsByTextThoughLinesMoved) {
  const std::vector<Step> first = {step_of("RUN a", StepOutcome::ran, 3.0, 5)};
  const std::vector<Step> later = {step_of("COPY new .", StepOutcome::ran, 1.0, 5),
                                   step_of("RUN a", StepOutcome::hit, std::nullopt, 6)};
  EXPECT_EQ(time_weighted_hit_ratio(later, first), 1.0);
}

TEST(TimeWeightedHitRatio, EqualTextsPairByLineAndEachOnce) {
  const std::vector<Step> first = {step_of("RUN a", StepOutcome::ran, 1.0, 5),
                                   step_of("RUN a", StepOutcome::ran, 3.0, 7)};
  const std::vector<Step> later = {step_of("RUN a", StepOutcome::ran, 1.0, 5),
                                   step_of("RUN a", StepOutcome::hit, std::nullopt, 7)};
  EXPECT_DOUBLE_EQ(time_weighted_hit_ratio(later, first).value_or(-1), 0.75);
}

TEST(TimeWeightedHitRatio, IsNullWithoutSecondsToWeighWith) {
  const std::vector<Step> hit = {step_of("RUN a", StepOutcome::hit, std::nullopt)};
  EXPECT_EQ(time_weighted_hit_ratio(hit, {}), std::nullopt);
  EXPECT_EQ(time_weighted_hit_ratio(hit, hit), std::nullopt);
  EXPECT_EQ(time_weighted_hit_ratio({}, {step_of("RUN a", StepOutcome::ran, 1.0)}), std::nullopt);
}

}  // namespace
}  // namespace buildlab::metrics
