// The report on a terminal: few lines, and valid YAML.
#include <fmt/format.h>

#include "framework/report/disturbances.h"
#include "framework/report/matrix.h"
#include "framework/report/report.h"
#include "framework/report/transfers.h"
#include "framework/report/values.h"
#include "framework/report/yaml.h"

namespace buildlab::report {
namespace {

using LinesOf = std::vector<std::string> (*)(const record::ScenarioRecord&);

// "KEY:" and a line for each that `lines_of` gives; nothing where it gives none.
std::string list_of(std::string_view key, const std::vector<record::ScenarioRecord>& records,
                    LinesOf lines_of) {
  std::string lines;
  for (const record::ScenarioRecord& record : records) {
    for (const std::string& line : lines_of(record))
      lines += fmt::format("- {}\n", yaml_string(fmt::format("{} {}", record.name, line)));
  }
  return lines.empty() ? "" : fmt::format("{}:\n{}", key, lines);
}

}  // namespace

std::string to_text(const ReportInput& unsafe) {
  const ReportInput input = redacted(unsafe);
  const Head head = head_of(input.records);
  std::string text =
      fmt::format("cold_duration: {}\nwarm_duration: {}\ncache_hit_ratio: {}\ndigest_stability: {}\n",
                  seconds_or_null(head.cold_duration), seconds_or_null(head.warm_duration),
                  head.cache_hit_ratio ? ratio_text(*head.cache_hit_ratio) : "null", head.digest_stability);
  text += list_of("cache_backends", input.records, matrix_lines);
  text += list_of("cache_transfers", input.records, transfer_lines);
  text += list_of("disturbed_builds", input.records, disturbance_lines);
  if (input.advice.empty()) return text + "recommended_actions: []\n";
  text += "recommended_actions:\n";
  for (const advisor::Advice& advice : input.advice) text += fmt::format("- {}\n", yaml_string(advice.text));
  return text;
}

}  // namespace buildlab::report
