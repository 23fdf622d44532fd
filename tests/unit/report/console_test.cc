#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/report/report.h"
#include "tests/support/record_builder.h"

namespace buildlab::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using verdict::Outcome;
using verdict::Ruling;

TEST(ScenarioLine, ShowsTimeHitsAndDigest) {
  EXPECT_EQ(scenario_line(testing::cold_record(), false),
            "✔ app.cold                     16.2s   0/5 cached        " +
                testing::image("app").digest.substr(0, 15));
}

TEST(ScenarioLine, CountsTheBuildsOfARepeatedScenario) {
  const std::string line = scenario_line(testing::warm_record(), false);
  EXPECT_THAT(line, StartsWith("✔ app.warm  ×2"));
  EXPECT_THAT(line, HasSubstr("0.39s   5/5 cached"));
}

TEST(ScenarioLine, NamesWhatAMutationReRan) {
  EXPECT_THAT(scenario_line(testing::edit_record(), false),
              HasSubstr("append src/main.cpp → re-ran Dockerfile:4 COPY, :5 RUN g++, :7 COPY"));
}

TEST(ScenarioLine, CountsReRunStepsBeyondThree) {
  auto record = testing::edit_record();
  record.builds[0].numbers.steps.push_back(testing::ran("runtime", 8, "RUN strip hello", 0.1));
  EXPECT_THAT(scenario_line(record, false), HasSubstr(":7 COPY and 1 more"));
}

TEST(ScenarioLine, CountsDigestsThatDiffer) {
  const auto record = testing::record(
      "app.reproducibility", "reproducibility",
      {testing::build(testing::cold_steps(), 16, "a"), testing::build(testing::cold_steps(), 17, "b")});
  EXPECT_THAT(scenario_line(record, false), HasSubstr("2 digests"));
}

TEST(ScenarioLine, SaysInWordsWhatIsWrong) {
  auto record = testing::cold_record();
  record.outcome = Outcome::gate_failed;
  EXPECT_THAT(scenario_line(record, false), StartsWith("✘ app.cold"));
  EXPECT_THAT(scenario_line(record, false), HasSubstr("GATE FAILED"));
  record.outcome = Outcome::not_evaluated;
  EXPECT_THAT(scenario_line(record, false), HasSubstr("NOT EVALUATED"));
}

TEST(ScenarioLine, ShowsADashWithoutABuild) {
  auto record = testing::record("app.cold", "cold", {});
  record.outcome = Outcome::infrastructure;
  EXPECT_EQ(scenario_line(record, false),
            "✘ app.cold                         –                     INFRASTRUCTURE ERROR");
}

TEST(ScenarioLine, PaintsOnlyWhenAsked) {
  EXPECT_THAT(scenario_line(testing::cold_record(), false), Not(HasSubstr("\x1b")));
  EXPECT_THAT(scenario_line(testing::cold_record(), true), HasSubstr("\x1b[32m✔\x1b[0m"));
}

TEST(ScenarioDetails, HaveNothingToAddToAPass) {
  EXPECT_EQ(scenario_details(testing::cold_record(), false), "");
}

TEST(ScenarioDetails, ShowWhatPrimingAndNotesTellOfAPass) {
  auto record = testing::warm_record();
  record.priming_notes = {"Dockerfile changed since the last run", "  Dockerfile:5  RUN npm ci  23.6s"};
  record.notes = {"debian:bookworm-slim moved"};
  EXPECT_EQ(scenario_details(record, false),
            "  Dockerfile changed since the last run\n"
            "    Dockerfile:5  RUN npm ci  23.6s\n"
            "  note: debian:bookworm-slim moved\n");
}

// Of a build in which steps 4 and 5 ran for these reasons.
record::ScenarioRecord with_reasons(record::ScenarioRecord record, metrics::MissReason at_4) {
  for (metrics::Step& step : record.builds[0].numbers.steps) {
    if (step.outcome != metrics::StepOutcome::ran) continue;
    step.miss = metrics::Miss{step.lines.first == 4 ? at_4 : metrics::MissReason::parent_rekeyed, "src"};
  }
  return record;
}

TEST(ScenarioDetails, ShowWhyStepsRanThatAreNoEffectOfOthers) {
  auto record = with_reasons(testing::edit_record(), metrics::MissReason::input_metadata);
  EXPECT_EQ(scenario_details(record, false), "  Dockerfile:4 COPY src/ . ran: input-metadata: src\n");
  record.builds.push_back(record.builds[0]);
  EXPECT_EQ(scenario_details(record, false), "  Dockerfile:4 COPY src/ . ran: input-metadata: src\n");
  EXPECT_EQ(scenario_details(with_reasons(testing::edit_record(), metrics::MissReason::first_build), false),
            "");
}

TEST(ScenarioDetails, DoNotRepeatWhatTheMutationSays) {
  auto record = with_reasons(testing::edit_record(), metrics::MissReason::input_content);
  record.builds[0].mutation = "append src/main.cpp";
  EXPECT_EQ(scenario_details(record, false), "");
  record.builds[0].mutation.clear();
  EXPECT_EQ(scenario_details(record, false), "  Dockerfile:4 COPY src/ . ran: input-content: src\n");
}

TEST(ScenarioDetails, ShowFailedGatesWithTheirEvidence) {
  auto record = testing::edit_record();
  record.outcome = Outcome::gate_failed;
  record.gates = {{"max_duration_sec", Ruling::pass, "fine", {}, {}, {}},
                  {"min_hit_ratio",
                   Ruling::fail,
                   "0.40 of the steps were cached, 0.5 asked",
                   {"Dockerfile:4 COPY src/ .  0.1s", "Dockerfile:5 RUN g++  1.9s"},
                   {},
                   {}},
                  {"max_image_size", Ruling::not_evaluated, "no image", {}, {}, {}}};
  EXPECT_EQ(scenario_details(record, false),
            "  min_hit_ratio FAILED: 0.40 of the steps were cached, 0.5 asked\n"
            "    Dockerfile:4 COPY src/ .  0.1s\n"
            "    Dockerfile:5 RUN g++  1.9s\n"
            "  max_image_size NOT EVALUATED: no image\n");
}

TEST(ScenarioDetails, ShowWhyABuildIsNoSample) {
  auto record = testing::warm_record();
  record.outcome = Outcome::not_evaluated;
  record.builds[1] = testing::invalid(record.builds[1], "the cache import failed (connection refused)");
  EXPECT_EQ(scenario_details(record, false),
            "  build 2 is no sample, and is in no average: the cache import failed (connection refused)\n");
}

TEST(ScenarioDetails, ShowAFailedBuildOnce) {
  auto record = testing::cold_record();
  record.outcome = Outcome::build_failed;
  record.builds[0] = testing::failed(record.builds[0], "Dockerfile:5: RUN g++ exited with 1");
  record.builds[0].failure_details = {"main.cpp:3: error: expected ';'"};
  record.error = "app.cold: Dockerfile:5: RUN g++ exited with 1";
  record.error_details = record.builds[0].failure_details;
  EXPECT_EQ(scenario_details(record, false),
            "  build 1 FAILED: Dockerfile:5: RUN g++ exited with 1\n"
            "    main.cpp:3: error: expected ';'\n");
}

TEST(ScenarioDetails, ShowWhatStoppedTheScenario) {
  auto record = testing::record("app.cold", "cold", {});
  record.outcome = Outcome::infrastructure;
  record.error = "no builder can be started here";
  record.error_details = {"tried PATH", "do install buildkitd"};
  EXPECT_EQ(scenario_details(record, false),
            "  no builder can be started here\n    tried PATH\n    do install buildkitd\n");
}

TEST(ScenarioDetails, KeepLogsFromSteeringTheTerminal) {
  auto record = testing::cold_record();
  record.outcome = Outcome::build_failed;
  record.error = "failed \x1b[2J";
  record.error_details = {"log \x1b]0;owned\x07 line\rover"};
  EXPECT_THAT(scenario_details(record, false), Not(HasSubstr("\x1b")));
  EXPECT_THAT(scenario_details(record, false), Not(HasSubstr("\r")));
}

}  // namespace
}  // namespace buildlab::report
