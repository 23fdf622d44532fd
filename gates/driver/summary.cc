#include "gates/driver/summary.h"

#include <fmt/format.h>

#include <algorithm>

#include "framework/advisor/advice.h"

namespace buildlab::gates {
namespace {

constexpr std::size_t k_markdown_bytes = 1U << 20U;
constexpr std::size_t k_note_bytes = 200;  // room for the note that something was left out

}  // namespace

std::vector<SubjectReport> group_by_subject(const std::vector<record::ScenarioRecord>& records) {
  std::vector<SubjectReport> reports;
  for (const record::ScenarioRecord& record : records) {
    auto found = std::find_if(reports.begin(), reports.end(), [&](const SubjectReport& report) {
      return report.subject == record.subject.name;
    });
    if (found == reports.end()) found = reports.insert(found, {record.subject.name, {}});
    found->input.records.push_back(record);
  }
  for (SubjectReport& report : reports) {
    report.input.advice = advisor::advise(report.input.records);
  }
  return reports;
}

std::string summary_markdown(const std::vector<SubjectReport>& reports) {
  std::string text;
  std::size_t left_out = 0;
  for (const SubjectReport& report : reports) {
    const std::string part = report::to_markdown(report.input);
    if (text.size() + part.size() + k_note_bytes > k_markdown_bytes) {
      ++left_out;
      continue;
    }
    if (!text.empty()) text += "\n";
    text += part;
  }
  if (left_out > 0)
    text += fmt::format("\n{} more subject(s) left out here: GitHub takes 1 MiB.\n", left_out);
  if (text.empty()) text = "No Build Lab scenario left a record in this run.\n";
  return text;
}

std::string summary_junit(const std::vector<SubjectReport>& reports, const std::string& runs_folder) {
  report::ReportInput all;
  all.runs_folder = runs_folder;
  for (const SubjectReport& report : reports) {
    all.records.insert(all.records.end(), report.input.records.begin(), report.input.records.end());
  }
  return report::to_junit(all);
}

std::string summary_annotations(const std::vector<SubjectReport>& reports) {
  std::string text;
  for (const SubjectReport& report : reports) text += report::to_github_annotations(report.input);
  return text;
}

}  // namespace buildlab::gates
