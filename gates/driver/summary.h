// The summary of a ctest run, which may have scenarios of several subjects, from reports of one subject each.
#pragma once

#include <string>
#include <vector>

#include "framework/record/record.h"
#include "framework/report/report.h"

namespace buildlab::gates {

struct SubjectReport {
  std::string subject;  // "" for what belongs to none
  report::ReportInput input;
};

// One report a subject, in the order in which the records have them, with the advice that they give.
std::vector<SubjectReport> group_by_subject(const std::vector<record::ScenarioRecord>& records);

std::string summary_markdown(const std::vector<SubjectReport>& reports);  // at most 1 MiB, GitHub's limit
// One document; `runs_folder` as in report::ReportInput.
std::string summary_junit(const std::vector<SubjectReport>& reports, const std::string& runs_folder);
std::string summary_annotations(const std::vector<SubjectReport>& reports);

}  // namespace buildlab::gates
