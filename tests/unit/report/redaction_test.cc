#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/report/compare.h"
#include "framework/report/report.h"
#include "tests/support/record_builder.h"

namespace buildlab::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A record with the planted password in every text that may hold a URL.
ReportInput planted() {
  const std::string url = "https://me:hunter2@host/x?token=hunter2";
  ReportInput input;
  input.records = {testing::edit_record()};
  record::ScenarioRecord& record = input.records[0];
  record.outcome = verdict::Outcome::gate_failed;
  record.input_mutation = url;
  record.subject.build_args["PROXY"] = url;
  record.circumstances.bases[0].reference = url;
  record.priming_notes = {url};
  record.error = url;
  record.error_details = {url};
  record.notes = {url};
  record.gates = {{"g", verdict::Ruling::fail, url, {url}, {}, {}}};
  record::Build& build = record.builds[0];
  build.mutation = url;
  build.invalid_reason = url;
  build.failure = url;
  build.failure_details = {url};
  build.valid = false;
  build.numbers.steps[0].text = "RUN curl " + url;
  build.numbers.steps[0].error = url;
  build.numbers.steps[0].log_tail = {url};
  build.numbers.steps[0].miss = metrics::Miss{metrics::MissReason::own_definition, url};
  build.numbers.critical_path = {{url, 1}};
  build.numbers.cache_imports = {{url, url}};
  build.numbers.cache_export_error = url;
  build.numbers.warnings = {url};
  build.numbers.error = url;
  record.priming = {build};
  input.advice = {{"rule", url, 1, "run", "app.edit", {}, {}}};
  return input;
}

TEST(Redaction, KeepsCredentialsOutOfEveryFormat) {
  const ReportInput input = planted();
  for (const std::string& text :
       {to_text(input), to_markdown(input), to_json(input), to_junit(input), to_github_annotations(input),
        scenario_line(input.records[0], false), scenario_details(input.records[0], false),
        to_text(compare(input.records, {testing::edit_record()}), false),
        to_json(compare(input.records, {testing::edit_record()}))}) {
    EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  }
}

TEST(Redaction, KeepsTheRestOfTheUrl) {
  EXPECT_THAT(to_json(planted()), HasSubstr("https://***@host/x?token=***"));
}

}  // namespace
}  // namespace buildlab::report
