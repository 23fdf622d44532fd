#include "tests/unit/rules/rule_fixture.h"

namespace buildlab::gates {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using verdict::Outcome;
using verdict::Ruling;
using verdict::Verdict;

scenario::GateSettings all_gates() {
  scenario::GateSettings settings;
  settings.digest_stable = scenario::DigestPolicy::manifest;
  settings.min_hit_ratio = 0.9;
  settings.min_time_weighted_hit_ratio = 0.9;
  settings.stable_hit_ratio = true;
  settings.max_duration_sec = 10;
  settings.max_duration_ratio = scenario::DurationRatio{0.5, "app.cold"};
  settings.max_spread = 0.1;
  settings.expect_cached = {"build"};
  settings.expect_ran = {"5"};
  settings.max_image_size = Bytes{100'000'000};
  return settings;
}

std::vector<std::string> names(const std::vector<Verdict>& verdicts) {
  std::vector<std::string> result;
  for (const Verdict& verdict : verdicts) result.push_back(verdict.gate);
  return result;
}

TEST(Judge, GivesOneVerdictForEachGateThatIsSetInTheOrderOfTheSettings) {
  EXPECT_THAT(names(judge_with(testing::warm_record(), all_gates())),
              ElementsAre("valid_builds", "digest_stable", "min_hit_ratio", "min_time_weighted_hit_ratio",
                          "stable_hit_ratio", "max_duration_sec", "max_duration_ratio", "max_spread",
                          "expect_cached", "expect_ran", "max_image_size"));
  EXPECT_THAT(names(judge_with(testing::warm_record(), {})), ElementsAre("valid_builds"));
}

TEST(Judge, NeverPassesAGateWithoutAValidBuild) {
  const auto no_build = testing::record("app.warm", "warm", {});
  auto no_sample = testing::warm_record();
  for (auto& build : no_sample.builds) build = testing::invalid(build, "the import failed");
  auto only_failed = testing::warm_record();
  for (auto& build : only_failed.builds) build = testing::failed(build, "Dockerfile:5 failed");
  for (const auto& record : {no_build, no_sample, only_failed}) {
    EXPECT_THAT(judge_with(record, all_gates()), Each(Field(&Verdict::ruling, Ruling::not_evaluated)));
    EXPECT_NE(outcome(record, judge_with(record, all_gates())), Outcome::passed);
  }
}

TEST(Judge, NeverLooksAtPrimingBuilds) {
  auto record = testing::warm_record();
  record.priming = {testing::build(testing::cold_steps(), 500, "another image")};
  EXPECT_EQ(judge_with(record, all_gates()), judge_with(testing::warm_record(), all_gates()));
}

TEST(Judge, LooksPastBuildsThatAreNoSample) {
  auto record = testing::warm_record();
  for (const double seconds : {0.39, 0.41}) {
    record.builds.push_back(testing::build(testing::warm_steps(), seconds));
    record.builds.back().time_weighted_hit_ratio = 1.0;
  }
  record.builds.push_back(
      testing::invalid(testing::build(testing::cold_steps(), 500, "another"), "it was primed by none"));
  scenario::GateSettings settings = all_gates();
  settings.max_duration_ratio.reset();
  settings.expect_ran.clear();
  for (const Verdict& verdict : judge_with(record, settings)) {
    EXPECT_EQ(verdict.ruling, verdict.gate == "valid_builds" ? Ruling::not_evaluated : Ruling::pass)
        << verdict.gate;
  }
}

TEST(ValidBuilds, AreCountedAndTheOthersNamedWithTheirReason) {
  EXPECT_EQ(verdict_of("valid_builds", testing::warm_record(), {}).ruling, Ruling::pass);
  auto record = testing::warm_record();
  record.builds[1] = testing::invalid(record.builds[1], "the cache import failed");
  Verdict verdict = verdict_of("valid_builds", record, {});
  EXPECT_EQ(verdict.ruling, Ruling::not_evaluated);
  EXPECT_THAT(verdict.message, HasSubstr("1 of 2"));
  EXPECT_THAT(verdict.evidence, ElementsAre("build 2: the cache import failed"));
  record.builds[1] = testing::failed(record.builds[1], "Dockerfile:5 RUN failed: exit code 1");
  record.builds[1].builder = "B";
  verdict = verdict_of("valid_builds", record, {});
  EXPECT_THAT(verdict.message, HasSubstr("1 of 2 builds failed"));
  EXPECT_THAT(verdict.evidence, ElementsAre("build 2 (builder B): Dockerfile:5 RUN failed: exit code 1"));
}

TEST(ValidBuilds, SayWhatStoppedARunBeforeItsFirstBuild) {
  auto record = testing::record("app.warm", "warm", {});
  record.error = "no builder can be started here";
  record.error_details = {"tried PATH"};
  EXPECT_THAT(verdict_of("valid_builds", record, {}).evidence,
              ElementsAre("no builder can be started here", "tried PATH"));
}

TEST(RunOutcome, IsThatOfTheWorstVerdict) {
  const auto record = testing::warm_record();
  const auto with = [](Ruling a, Ruling b) {
    return std::vector<Verdict>{{"a", a, "", {}, {}, {}}, {"b", b, "", {}, {}, {}}};
  };
  EXPECT_EQ(outcome(record, with(Ruling::pass, Ruling::pass)), Outcome::passed);
  EXPECT_EQ(outcome(record, with(Ruling::pass, Ruling::not_evaluated)), Outcome::not_evaluated);
  EXPECT_EQ(outcome(record, with(Ruling::not_evaluated, Ruling::fail)), Outcome::gate_failed);
  EXPECT_EQ(outcome(record, {}), Outcome::not_evaluated);
}

TEST(RunOutcome, AFailedBuildOutweighsAFailedGateAndAnErrorBoth) {
  auto record = testing::warm_record();
  const std::vector<Verdict> failed_gate{{"a", Ruling::fail, "", {}, {}, {}}};
  record.builds[0] = testing::failed(record.builds[0], "Dockerfile:5");
  EXPECT_EQ(outcome(record, failed_gate), Outcome::build_failed);
  record.error = "disk full";
  record.outcome = Outcome::infrastructure;
  EXPECT_EQ(outcome(record, failed_gate), Outcome::infrastructure);
  record.outcome = Outcome::interrupted;
  EXPECT_EQ(outcome(record, failed_gate), Outcome::interrupted);
}

TEST(RunOutcome, AFailedPrimingBuildIsAFailedBuild) {
  auto record = testing::warm_record();
  record.priming = {testing::failed(testing::build(testing::cold_steps(), 16.2), "Dockerfile:5")};
  EXPECT_EQ(outcome(record, judge_with(record, {})), Outcome::build_failed);
}

TEST(RunOutcome, AnErrorIsNeverPassed) {
  auto record = testing::warm_record();
  record.error = "something stopped it";
  record.outcome = Outcome::passed;
  EXPECT_EQ(outcome(record, judge_with(record, {})), Outcome::infrastructure);
}

TEST(RunOutcome, JudgingAStoredRecordAgainForgetsItsEarlierVerdicts) {
  auto record = testing::warm_record();
  record.outcome = Outcome::gate_failed;
  EXPECT_EQ(outcome(record, judge_with(record, {})), Outcome::passed);
}

}  // namespace
}  // namespace buildlab::gates
