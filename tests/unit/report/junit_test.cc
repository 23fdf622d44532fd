#include "framework/report/junit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/record_builder.h"

namespace buildlab::report {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using verdict::Outcome;
using verdict::Ruling;

std::vector<std::string> names(const std::vector<TestCase>& tests) {
  std::vector<std::string> all;
  for (const TestCase& test : tests) all.push_back(test.name);
  return all;
}

TEST(JunitCases, AreTheBuildsAndTheGates) {
  auto record = testing::warm_record();
  record.gates = {{"min_hit_ratio", Ruling::pass, "1.00 >= 0.9", {}, {}, {}}};
  const auto tests = test_cases(record, "");
  EXPECT_EQ(names(tests), (std::vector<std::string>{"build 1", "build 2", "min_hit_ratio"}));
  for (const TestCase& test : tests) {
    EXPECT_EQ(test.trouble, std::nullopt);
    EXPECT_EQ(test.file, "buildlab.json");
    EXPECT_EQ(test.line, 4);
  }
  EXPECT_DOUBLE_EQ(tests[0].time_sec, 0.40);
}

TEST(JunitCases, FailForAFailedGateWithItsEvidence) {
  auto record = testing::warm_record();
  record.outcome = Outcome::gate_failed;
  record.gates = {{"expect_cached", Ruling::fail, "deps ran", {"Dockerfile:5 RUN npm ci"}, "Dockerfile", 5}};
  const TestCase gate = test_cases(record, "").back();
  EXPECT_EQ(gate.trouble, Trouble::failure);
  EXPECT_EQ(gate.type, "gate");
  EXPECT_EQ(gate.message, "deps ran");
  EXPECT_EQ(gate.details, "deps ran\nDockerfile:5 RUN npm ci");
  EXPECT_EQ(gate.file, "Dockerfile");
  EXPECT_EQ(gate.line, 5);
}

TEST(JunitCases, FailForWhatCouldNotBeEvaluated) {
  auto record = testing::warm_record();
  record.outcome = Outcome::not_evaluated;
  record.builds[1] = testing::invalid(record.builds[1], "the import failed");
  record.gates = {{"max_duration_ratio", Ruling::not_evaluated, "no record", {}, {}, {}}};
  const auto tests = test_cases(record, "");
  EXPECT_EQ(tests[0].trouble, std::nullopt);
  EXPECT_EQ(tests[1].trouble, Trouble::failure);
  EXPECT_EQ(tests[1].type, "not_evaluated");
  EXPECT_EQ(tests[2].type, "not_evaluated");
}

TEST(JunitCases, CallInfrastructureAnError) {
  auto record = testing::record("app.cold", "cold", {});
  record.outcome = Outcome::infrastructure;
  record.error = "no builder can be started";
  record.error_details = {"install buildkitd"};
  const auto tests = test_cases(record, "");
  ASSERT_EQ(tests.size(), 1U);
  EXPECT_EQ(tests[0].trouble, Trouble::error);
  EXPECT_EQ(tests[0].type, "infrastructure");
  EXPECT_EQ(tests[0].details, "no builder can be started\ninstall buildkitd");
}

TEST(JunitCases, ShowAFailedPrimingBuild) {
  auto record = testing::record("app.warm", "warm", {});
  record.outcome = Outcome::build_failed;
  record.priming = {testing::failed(testing::build(testing::cold_steps(), 3), "Dockerfile:5: exit code 1")};
  record.priming[0].iteration = 1;
  const auto tests = test_cases(record, "");
  EXPECT_EQ(names(tests), std::vector<std::string>{"priming build 1"});
  EXPECT_EQ(tests[0].type, "build_failed");
}

TEST(JunitCases, AreNeverAllGreenForAScenarioThatDidNotPass) {
  for (const Outcome outcome : {Outcome::gate_failed, Outcome::invalid, Outcome::build_failed,
                                Outcome::not_evaluated, Outcome::infrastructure, Outcome::interrupted}) {
    for (auto record : {testing::warm_record(), testing::record("app.warm", "warm", {})}) {
      record.outcome = outcome;
      const auto tests = test_cases(record, "");
      EXPECT_TRUE(std::any_of(tests.begin(), tests.end(), [](const TestCase& test) { return test.trouble; }))
          << verdict::to_string(outcome);
    }
  }
}

TEST(JunitCases, OfAScenarioThatWasNeverAskedAreErrors) {
  for (const Outcome outcome : {Outcome::invalid, Outcome::infrastructure, Outcome::interrupted}) {
    auto record = testing::record("app.warm", "warm", {});
    record.outcome = outcome;
    const auto tests = test_cases(record, "");
    ASSERT_EQ(tests.size(), 1U) << verdict::to_string(outcome);
    EXPECT_EQ(tests[0].trouble, Trouble::error) << verdict::to_string(outcome);
  }
}

TEST(JunitCases, HaveUniqueNames) {
  auto record = testing::warm_record();
  record.gates = {{"g", Ruling::pass, "", {}, {}, {}}, {"g", Ruling::pass, "", {}, {}, {}}};
  EXPECT_EQ(names(test_cases(record, "")), (std::vector<std::string>{"build 1", "build 2", "g", "g #2"}));
}

TEST(JunitCases, AttachTheArtifactsOfWhatFailed) {
  auto record = testing::cold_record();
  record.outcome = Outcome::build_failed;
  record.builds[0] = testing::failed(record.builds[0], "it failed");
  record.builds[0].artifacts = "app.cold/builds/1";
  EXPECT_EQ(test_cases(record, "build/buildlab/runs").front().attachments,
            (std::vector<std::string>{
                "build/buildlab/runs/2026-11-23T20-02-11Z-7f3a/app.cold/builds/1/messages.txt",
                "build/buildlab/runs/2026-11-23T20-02-11Z-7f3a/app.cold/builds/1/progress.rawjson"}));
  EXPECT_TRUE(test_cases(record, "").front().attachments.empty());
}

TEST(JunitReport, PutsSubjectsInSuitesAndCountsThem) {
  auto other = testing::cold_record();
  other.subject.name = "tool";
  other.outcome = Outcome::gate_failed;
  const std::string xml = to_junit({{testing::cold_record(), other, testing::warm_record()}});
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"buildlab.app\" tests=\"3\" failures=\"0\" errors=\"0\""));
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"buildlab.tool\" tests=\"2\" failures=\"1\" errors=\"0\""));
  EXPECT_THAT(xml, HasSubstr("<testsuites name=\"buildlab\" tests=\"5\" failures=\"1\" errors=\"0\""));
}

TEST(JunitReport, EndsSystemOutWithAttachments) {
  auto record = testing::cold_record();
  record.outcome = Outcome::build_failed;
  record.builds[0] = testing::failed(record.builds[0], "it failed");
  record.builds[0].artifacts = "a";
  const std::string xml = to_junit({{record}, {}, "runs"});
  const std::string output = xml.substr(0, xml.find("</system-out>"));
  EXPECT_THAT(output, EndsWith("[[ATTACHMENT|runs/2026-11-23T20-02-11Z-7f3a/a/messages.txt]]\n"
                               "[[ATTACHMENT|runs/2026-11-23T20-02-11Z-7f3a/a/progress.rawjson]]\n"));
}

TEST(JunitReport, CarriesDigestsAsProperties) {
  const std::string xml = to_junit({{testing::cold_record()}});
  EXPECT_THAT(xml, HasSubstr("<property name=\"digest\" value=\"" + testing::image("app").digest + "\"/>"));
  EXPECT_THAT(xml, HasSubstr("<property name=\"duration_sec\" value=\"16.2\"/>"));
}

TEST(JunitReport, EscapesTexts) {
  auto record = testing::cold_record();
  record.outcome = Outcome::infrastructure;
  record.error = "a <b> & \"c\" \x1b[31m\x01 ]]>";
  const std::string xml = to_junit({{record}});
  EXPECT_THAT(xml, HasSubstr("message=\"a &lt;b&gt; &amp; &quot;c&quot;   ]]&gt;\""));
  EXPECT_THAT(xml, Not(HasSubstr("\x1b")));
  EXPECT_THAT(xml, Not(HasSubstr("\x01")));
}

}  // namespace
}  // namespace buildlab::report
