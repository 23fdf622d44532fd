#include "tests/unit/rules/rule_fixture.h"

namespace buildlab::gates {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using verdict::Ruling;
using verdict::Verdict;

Verdict judge_seconds(const std::vector<double>& seconds, double limit) {
  scenario::GateSettings settings;
  settings.max_duration_sec = limit;
  return verdict_of("max_duration_sec", record_of_seconds(seconds), settings);
}

TEST(MaxDurationSec, PassesUpToItsLimit) {
  EXPECT_EQ(judge_seconds({10}, 10).ruling, Ruling::pass);
  EXPECT_EQ(judge_seconds({9, 10, 11}, 10).ruling, Ruling::pass);
}

TEST(MaxDurationSec, FailsWhenTheWholeIntervalIsBeyond) {
  const Verdict verdict = judge_seconds({11.9, 12.0, 12.1}, 10);
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_THAT(verdict.message,
              AllOf(HasSubstr("median 12.0s of 3 builds"), HasSubstr("at most 10.0s asked")));
}

TEST(MaxDurationSec, PassesWhenOnlySomeBuildsAreBeyond) {
  EXPECT_EQ(judge_seconds({9.5, 12.0, 13.0}, 10).ruling, Ruling::pass);
}

// As many as a test of ranks needs.
std::vector<double> seven_of(double seconds) {
  return std::vector<double>(7, seconds);
}

TEST(MaxDurationSec, NeedsTheRelativeFloorForLongBuilds) {
  EXPECT_EQ(judge_seconds(seven_of(101.9), 100).ruling, Ruling::pass);  // 1.9 %, though 1.9 s
  EXPECT_THAT(judge_seconds(seven_of(101.9), 100).message, HasSubstr("not beyond it by 2 %"));
  EXPECT_EQ(judge_seconds(seven_of(102.1), 100).ruling, Ruling::fail);
}

TEST(MaxDurationSec, NeedsTheAbsoluteFloorForShortBuilds) {
  EXPECT_EQ(judge_seconds(seven_of(0.34), 0.3).ruling, Ruling::pass);  // 13 %, but 40 ms
  EXPECT_EQ(judge_seconds(seven_of(0.36), 0.3).ruling, Ruling::fail);
}

TEST(MaxDurationSec, OfASingleBuildFailsAtTwiceItsLimitOnly) {
  EXPECT_EQ(judge_seconds({20.1}, 10).ruling, Ruling::fail);
  EXPECT_EQ(judge_seconds({10.1}, 10).ruling, Ruling::pass);
  const Verdict verdict = judge_seconds({19.9}, 10);
  EXPECT_EQ(verdict.ruling, Ruling::not_evaluated);
  EXPECT_THAT(verdict.message, HasSubstr("too few builds"));
  EXPECT_THAT(verdict.evidence, ElementsAre(HasSubstr("\"runs\"")));
}

TEST(MaxDurationSec, OfAFewBuildsFailsWhenEachIsBeyondByATenth) {
  EXPECT_EQ(judge_seconds({11.1, 11.2}, 10).ruling, Ruling::fail);
  EXPECT_EQ(judge_seconds({10.9, 11.2}, 10).ruling, Ruling::not_evaluated);
  EXPECT_EQ(judge_seconds({9.9, 30, 30}, 10).ruling, Ruling::pass) << "one is within the limit";
}

TEST(MaxDurationSec, NamesTheLongestStepOfABuildThatIsTooLong) {
  scenario::GateSettings settings;
  settings.max_duration_sec = 5;
  const Verdict verdict = verdict_of("max_duration_sec", testing::cold_record(), settings);
  ASSERT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_EQ(verdict.line, 2);
  EXPECT_EQ(verdict.evidence.front(),
            "Dockerfile:2 RUN apt-get update && apt-get install -y g++: ran, 11.8s");
}

class MaxDurationRatio : public ::testing::Test {
 protected:
  Verdict judge_ratio(const record::ScenarioRecord& record, double limit) {
    m_settings.max_duration_ratio = scenario::DurationRatio{limit, "app.cold"};
    return verdict_of("max_duration_ratio", record, m_settings, [this](const std::string& name) {
      m_asked.push_back(name);
      return m_baseline;
    });
  }

  scenario::GateSettings m_settings;
  std::optional<record::ScenarioRecord> m_baseline = testing::cold_record();  // 16.2 s, three hours ago
  std::vector<std::string> m_asked;
};

TEST_F(MaxDurationRatio, ComparesWithTheNamedScenario) {
  const Verdict verdict = judge_ratio(testing::warm_record(), 0.5);
  EXPECT_EQ(verdict.ruling, Ruling::pass);
  EXPECT_THAT(m_asked, ElementsAre("app.cold"));
  EXPECT_THAT(verdict.message, AllOf(HasSubstr("×0.02 of app.cold (0.39s against 16.2s)"),
                                     HasSubstr("its record is 3 h old")));
  EXPECT_THAT(verdict.evidence, Contains(HasSubstr("run 2026-11-23T20-02-11Z-7f3a")));
}

TEST_F(MaxDurationRatio, FailsBeyondItsLimitWithTheStepsThatRan) {
  const Verdict verdict = judge_ratio(testing::edit_record(), 0.05);
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_EQ(verdict.line, 5);
  EXPECT_THAT(verdict.evidence, Contains(HasSubstr("Dockerfile:5 RUN g++")));
}

TEST_F(MaxDurationRatio, NeedsBothFloors) {
  m_baseline = record_of_seconds(seven_of(100), "app.cold");
  EXPECT_EQ(judge_ratio(record_of_seconds(seven_of(50.9)), 0.5).ruling, Ruling::pass);
  EXPECT_EQ(judge_ratio(record_of_seconds(seven_of(51.1)), 0.5).ruling, Ruling::fail);
  m_baseline = record_of_seconds(seven_of(0.4), "app.cold");
  EXPECT_EQ(judge_ratio(record_of_seconds(seven_of(0.24)), 0.5).ruling, Ruling::pass);
  EXPECT_EQ(judge_ratio(record_of_seconds(seven_of(0.26)), 0.5).ruling, Ruling::fail);
}

TEST_F(MaxDurationRatio, WithoutARecordSaysHowToMakeOne) {
  m_baseline.reset();
  const Verdict verdict = judge_ratio(testing::warm_record(), 0.5);
  EXPECT_EQ(verdict.ruling, Ruling::not_evaluated);
  EXPECT_THAT(
      verdict.evidence,
      ElementsAre("make one: build-lab run --scenario app.cold (under CTest: ctest -R '^app\\.cold$')"));
  scenario::GateSettings settings;
  settings.max_duration_ratio = scenario::DurationRatio{0.5, "app.cold"};
  EXPECT_EQ(verdict_of("max_duration_ratio", testing::warm_record(), settings).ruling, Ruling::not_evaluated)
      << "also where nobody looks records up";
}

TEST_F(MaxDurationRatio, ABaselineWithoutASampleIsNone) {
  m_baseline->builds[0] = testing::invalid(m_baseline->builds[0], "a cached step");
  EXPECT_EQ(judge_ratio(testing::warm_record(), 0.5).ruling, Ruling::not_evaluated);
}

TEST_F(MaxDurationRatio, SaysInWhatTheBaselineWasAnotherOne) {
  m_baseline->circumstances.dockerfile_digest = testing::digest("older");
  Verdict verdict = judge_ratio(testing::warm_record(), 0.5);
  EXPECT_EQ(verdict.ruling, Ruling::pass);
  EXPECT_THAT(verdict.message, HasSubstr("its record is of an earlier Dockerfile, 3 h old"));
  m_baseline->circumstances = testing::circumstances();
  m_baseline->circumstances.cores = 64;
  m_baseline->circumstances.buildkit_version = "v0.31.0";
  verdict = judge_ratio(testing::warm_record(), 0.5);
  EXPECT_THAT(verdict.message, HasSubstr("of BuildKit v0.31.0, 64 cores"));
  m_baseline->circumstances = testing::circumstances();
  m_baseline->circumstances.load_1min = 17;
  EXPECT_THAT(judge_ratio(testing::warm_record(), 0.5).message, Not(HasSubstr("its record is of ")));
}

TEST_F(MaxDurationRatio, AStrictBaselineMustBeTheSame) {
  m_settings.strict_baseline = true;
  EXPECT_EQ(judge_ratio(testing::warm_record(), 0.5).ruling, Ruling::pass);
  m_baseline->circumstances.context_digest = testing::digest("older");
  const Verdict verdict = judge_ratio(testing::warm_record(), 0.5);
  EXPECT_EQ(verdict.ruling, Ruling::not_evaluated);
  EXPECT_THAT(verdict.message, HasSubstr("an earlier context"));
}

TEST(Baseline, IsOfTheSameDeclarationAndHasASample) {
  const auto subject = testing::warm_record().subject;
  auto record = testing::cold_record();
  EXPECT_TRUE(is_baseline(record, subject));
  record.subject.target = "other";
  EXPECT_FALSE(is_baseline(record, subject));
  record = testing::cold_record();
  record.builds[0] = testing::failed(record.builds[0], "x");
  EXPECT_FALSE(is_baseline(record, subject));
}

Verdict judge_confirmed(record::Confirmation confirmation) {
  scenario::GateSettings settings;
  settings.max_duration_sec = 10;
  record::ScenarioRecord record = record_of_seconds(seven_of(11.5));
  confirmation.gate = "max_duration_sec";
  record.confirmations = {{"max_duration_ratio", "app.cold", 3, {}, false, "of another gate"},
                          std::move(confirmation)};
  return verdict_of("max_duration_sec", record, settings);
}

TEST(MaxDurationSec, IsRedOnlyWhereFurtherBuildsConfirmIt) {
  record::Confirmation confirmation;
  confirmation.builds = {{"app.warm", 1, "", 11.4}, {"app.warm", 2, "", 10.1, "", "the import failed"}};
  confirmation.confirmed = true;
  const Verdict red = judge_confirmed(confirmation);
  EXPECT_EQ(red.ruling, Ruling::fail);
  EXPECT_THAT(red.message, HasSubstr("confirmed by 2 further builds"));
  EXPECT_THAT(red.evidence, AllOf(Contains("confirmation 1: app.warm 11.4s"),
                                  Contains("confirmation 2: app.warm is no sample: the import failed")));

  confirmation.confirmed = false;
  const Verdict open = judge_confirmed(confirmation);
  EXPECT_EQ(open.ruling, Ruling::pass);
  EXPECT_THAT(open.message, HasSubstr("not confirmed: 2 further builds do not show it"));
  EXPECT_THAT(open.evidence, Contains("confirmation 1: app.warm 11.4s"));
}

TEST(MaxDurationSec, IsNotEvaluatedWhereFurtherBuildsCouldNotBeMade) {
  record::Confirmation confirmation;
  confirmation.error = "app.warm: the daemon is gone";
  const Verdict verdict = judge_confirmed(confirmation);
  EXPECT_EQ(verdict.ruling, Ruling::not_evaluated);
  EXPECT_THAT(verdict.message, HasSubstr("the daemon is gone"));
}

}  // namespace
}  // namespace buildlab::gates
