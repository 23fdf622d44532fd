// What a GoogleTest test of a scenario says when it fails.
#include <gmock/gmock.h>

#include "gates/driver/scenario_tests.h"
#include "tests/support/record_builder.h"

namespace buildlab::gates {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::StartsWith;
using verdict::Ruling;

Ending ended(std::vector<verdict::Verdict> gates) {
  record::ScenarioRecord record = testing::cold_record();
  record.gates = std::move(gates);
  return record;
}

TEST(ComplaintOfABuild, IsNoneForASample) {
  const record::ScenarioRecord record = testing::cold_record();
  EXPECT_EQ(complaint_of_build(record.builds[0], record), std::nullopt);
}

TEST(ComplaintOfABuild, HasTheFailureWithItsDetails) {
  record::Build build =
      testing::failed(testing::build(testing::cold_steps(), 3), "Dockerfile:5 RUN g++: exit code 1");
  build.failure_details = {"main.cpp:3: error: expected ';'"};
  EXPECT_THAT(complaint_of_build(build, ended({})),
              Optional(::testing::Eq("the build failed: Dockerfile:5 RUN g++: exit code 1\n"
                                     "  main.cpp:3: error: expected ';'")));
}

TEST(ComplaintOfABuild, SaysWhyItIsNoSample) {
  const auto build = testing::invalid(testing::build(testing::cold_steps(), 3), "the cache import failed");
  EXPECT_EQ(complaint_of_build(build, ended({})), "this build is no sample: the cache import failed");
}

TEST(ComplaintOfABuild, GivesTheReasonWhyItWasNotMade) {
  const Ending ending = fail(ErrorKind::infrastructure, "no buildkitd", {"PATH: none", "install one"});
  EXPECT_EQ(complaint_of_build(std::nullopt, ending),
            "this build was not made: no buildkitd\nPATH: none\ninstall one");
  record::ScenarioRecord stopped = testing::cold_record();
  stopped.error = "disk full";
  EXPECT_EQ(complaint_of_build(std::nullopt, stopped), "this build was not made: disk full");
}

TEST(ComplaintOfAGate, IsNoneWhereItPassed) {
  EXPECT_EQ(complaint_of_gate("min_hit_ratio", ended({{"min_hit_ratio", Ruling::pass, "1.0", {}, {}, {}}})),
            std::nullopt);
}

TEST(ComplaintOfAGate, HasMessageEvidenceAndPlace) {
  const Ending ending =
      ended({{"min_hit_ratio", Ruling::fail, "0.4 < 0.9", {"COPY src/ . ran"}, "Dockerfile", 4}});
  EXPECT_EQ(complaint_of_gate("min_hit_ratio", ending), "0.4 < 0.9\n  COPY src/ . ran\n  at Dockerfile:4");
}

TEST(ComplaintOfAGate, IsThereForWhatCouldNotBeEvaluated) {
  const Ending ending =
      ended({{"max_duration_ratio", Ruling::not_evaluated, "no record of app.cold", {}, {}, {}}});
  EXPECT_THAT(complaint_of_gate("max_duration_ratio", ending),
              Optional(StartsWith("could not be evaluated: no record")));
}

TEST(ComplaintOfAGate, IsThereForAGateWithoutVerdict) {
  EXPECT_THAT(complaint_of_gate("digest_stable", ended({})), Optional(HasSubstr("not evaluated")));
  EXPECT_THAT(complaint_of_gate("digest_stable", fail(ErrorKind::infrastructure, "no buildkitd")),
              Optional(HasSubstr("no buildkitd")));
}

TEST(GateNames, AreThoseOfTheGatesThatAreSet) {
  scenario::GateSettings settings;
  settings.min_hit_ratio = 0.5;
  settings.max_duration_ratio = scenario::DurationRatio{0.5, "app.cold"};
  settings.expect_ran = {"RUN g++"};
  const auto names = gate_names(settings);
  EXPECT_THAT(names, Contains("min_hit_ratio"));
  EXPECT_THAT(names, Contains("max_duration_ratio"));
  EXPECT_THAT(names, Contains("expect_ran"));
  EXPECT_THAT(names, ::testing::Not(Contains("digest_stable")));
}

}  // namespace
}  // namespace buildlab::gates
