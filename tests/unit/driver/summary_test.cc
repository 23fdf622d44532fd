// The summary of a ctest run with scenarios of several subjects.
#include "gates/driver/summary.h"

#include <gmock/gmock.h>

#include "gates/driver/run_scenario.h"
#include "tests/support/record_builder.h"

namespace buildlab::gates {
namespace {

using ::testing::HasSubstr;

record::ScenarioRecord of_subject(record::ScenarioRecord record, const std::string& subject) {
  record.subject.name = subject;
  record.name = subject + "." + record.kind;
  return record;
}

TEST(Summary, GroupsRecordsBySubjectInTheirOrder) {
  const auto reports =
      group_by_subject({of_subject(testing::cold_record(), "web"), of_subject(testing::cold_record(), "api"),
                        of_subject(testing::warm_record(), "web")});
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].subject, "web");
  EXPECT_EQ(reports[0].input.records.size(), 2U);
  EXPECT_EQ(reports[1].subject, "api");
}

TEST(Summary, HasEverySubjectInOneDocument) {
  const auto reports = group_by_subject(
      {of_subject(testing::cold_record(), "web"), of_subject(testing::cold_record(), "api")});
  const std::string markdown = summary_markdown(reports);
  EXPECT_THAT(markdown, HasSubstr("web.cold"));
  EXPECT_THAT(markdown, HasSubstr("api.cold"));
  const std::string junit = summary_junit(reports, "");
  EXPECT_EQ(junit.find("<testsuites", junit.find("<testsuites") + 1), std::string::npos)
      << "more than one root";
  EXPECT_THAT(junit, HasSubstr("web.cold"));
  EXPECT_THAT(junit, HasSubstr("api.cold"));
}

TEST(Summary, TellsOfAScenarioThatHasNoRecordOfItsOwn) {
  const auto record =
      record_of(Error{ErrorKind::infrastructure, "no buildkitd", {"PATH: none"}}, "buildlab.setup");
  EXPECT_EQ(record.outcome, verdict::Outcome::infrastructure);
  const std::string junit = summary_junit(group_by_subject({record}), "");
  EXPECT_THAT(junit, HasSubstr("<error"));
  EXPECT_THAT(junit, HasSubstr("no buildkitd"));
}

TEST(Summary, AttachesTheArtifactsOfAFailedGateBelowTheRunsFolder) {
  record::ScenarioRecord record = of_subject(testing::warm_record(), "web");
  record.run_id = "2026-11-23T20-02-11Z-7f3a";
  ASSERT_FALSE(record.builds.empty());
  for (record::Build& build : record.builds) build.artifacts = "web.warm/1";
  record.gates = {{}};
  record.gates.front().gate = "min_hit_ratio";
  record.gates.front().ruling = verdict::Ruling::fail;
  EXPECT_THAT(
      summary_junit(group_by_subject({record}), "build/buildlab/runs"),
      HasSubstr("[[ATTACHMENT|build/buildlab/runs/2026-11-23T20-02-11Z-7f3a/web.warm/1/messages.txt]]"));
}

TEST(Summary, SaysSoWhenThereIsNothing) {
  EXPECT_THAT(summary_markdown({}), HasSubstr("No Build Lab scenario left a record"));
}

}  // namespace
}  // namespace buildlab::gates
