// The report as GitHub's markdown: for step summaries and pull requests.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "framework/base/bytes.h"
#include "framework/base/text.h"
#include "framework/base/time.h"
#include "framework/metrics/statistics.h"
#include "framework/report/disturbances.h"
#include "framework/report/markdown_sections.h"
#include "framework/report/markdown_text.h"
#include "framework/report/matrix.h"
#include "framework/report/replay.h"
#include "framework/report/report.h"
#include "framework/report/transfers.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

using verdict::Outcome;

// GitHub refuses a step summary above 1 MiB as a whole.
constexpr std::size_t k_limit = 1U << 20U;
constexpr std::size_t k_room_for_note = 300;

// Whole sections as long as they fit; what was left out is said.
std::string joined(const std::vector<std::string>& sections) {
  std::string text;
  std::size_t left_out = 0;
  for (const std::string& section : sections) {
    if (section.empty()) continue;
    if (text.size() + section.size() + 1 + k_room_for_note > k_limit) {
      ++left_out;
      continue;
    }
    if (!text.empty()) text += "\n";
    text += section;
  }
  if (left_out > 0) {
    text += fmt::format(
        "\n**Cut: {} sections are left out, because GitHub shows at most 1 MiB.** Everything is in "
        "`build-lab report --format json`.\n",
        left_out);
  }
  return text;
}

std::string counted_outcomes(const std::vector<record::ScenarioRecord>& records) {
  std::map<Outcome, std::size_t> counts;
  for (const record::ScenarioRecord& record : records) ++counts[record.outcome];
  std::string text;
  for (const auto& [outcome, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, verdict::to_string(outcome));
  }
  return text;
}

std::string head_section(const ReportInput& input) {
  const Head head = head_of(input.records);
  std::string text = "## Build Lab";
  if (!input.records.empty()) {
    text += fmt::format(": {}, {}", markdown_text(input.records.front().subject.name),
                        counted_outcomes(input.records));
  }
  const auto shown = [](const std::optional<double>& seconds) {
    return seconds ? to_short_text(*seconds) : std::string("not measured");
  };
  text += "\n\n" + markdown_header({"cold", "warm", "cache hit ratio", "digest stability"});
  text += markdown_row({shown(head.cold_duration), shown(head.warm_duration),
                        head.cache_hit_ratio ? ratio_text(*head.cache_hit_ratio) : "not measured",
                        head.digest_stability == "NOT_EVALUATED" ? "not evaluated" : head.digest_stability});
  return text;
}

std::string actions_section(const std::vector<advisor::Advice>& advice) {
  if (advice.empty()) return "";
  std::string text = "### Recommended actions\n\n";
  for (const advisor::Advice& each : advice) text += fmt::format("- {}\n", markdown_text(each.text));
  return text;
}

}  // namespace

std::string to_markdown(const ReportInput& unsafe) {
  const ReportInput input = redacted(unsafe);
  std::vector<std::string> sections{head_section(input), actions_section(input.advice),
                                    scenarios_section(input.records)};
  for (const record::ScenarioRecord& record : input.records) sections.push_back(failure_section(record));
  sections.push_back(parts_section(input.records));
  for (const record::ScenarioRecord& record : input.records) sections.push_back(matrix_section(record));
  sections.push_back(transfers_section(input.records));
  sections.push_back(disturbances_section(input.records));
  for (const record::ScenarioRecord& record : input.records)
    sections.push_back(record.replay ? to_markdown(*record.replay) : steps_section(record));
  sections.push_back(bases_section(input.records));
  sections.push_back(circumstances_section(input.records));
  return joined(sections);
}

}  // namespace buildlab::report
