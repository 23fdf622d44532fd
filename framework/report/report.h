// Values in, bytes out: one file a format. The same records give the same bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/advisor/advice.h"
#include "framework/record/record.h"

namespace buildlab::report {

struct ReportInput {
  std::vector<record::ScenarioRecord> records;  // newest of each scenario of one subject, in the file's order
  std::vector<advisor::Advice> advice = {};
  // The folder of runs as the reader of a JUnit file finds it (relative to the repository), for attachments;
  // "" leaves them out.
  std::string runs_folder = {};
};

// The head of a report (docs/numbers.md).
struct Head {
  std::optional<double> cold_duration;
  std::optional<double> warm_duration;
  std::optional<double> cache_hit_ratio;
  std::string digest_stability;  // PASS, FAIL, NOT_EVALUATED
};
Head head_of(const std::vector<record::ScenarioRecord>& records);

// None of them shows credentials that stand inside URLs.
std::string to_text(const ReportInput& input);      // valid YAML
std::string to_markdown(const ReportInput& input);  // GitHub's, at most 1 MiB
std::string to_json(const ReportInput& input);      // docs/schema/report.schema.json
// One testsuite a subject, in the order of the records; one testcase for each measured build and each gate. A
// scenario that did not pass has at least one failure or error.
std::string to_junit(const ReportInput& input);
// One "::error file=…,line=…,title=…::…" line for each gate that did not pass and each scenario that was
// stopped.
std::string to_github_annotations(const ReportInput& input);

// One scenario on the terminal, without a newline: "✔ hello.cold  16.2s  0/4 cached  sha256:c6d780da".
std::string scenario_line(const record::ScenarioRecord& record, bool colour);
// What a person needs beside that line, each line ended: what priming and notes tell, and of a scenario that
// did not pass its gates, evidence and what to do. "" where there is nothing to add.
std::string scenario_details(const record::ScenarioRecord& record, bool colour);

}  // namespace buildlab::report
