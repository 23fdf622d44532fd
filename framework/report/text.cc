// The report on a terminal: few lines, and valid YAML.
#include <fmt/format.h>

#include "framework/report/report.h"
#include "framework/report/values.h"
#include "framework/report/yaml.h"

namespace buildlab::report {

std::string to_text(const ReportInput& unsafe) {
  const ReportInput input = redacted(unsafe);
  const Head head = head_of(input.records);
  std::string text =
      fmt::format("cold_duration: {}\nwarm_duration: {}\ncache_hit_ratio: {}\ndigest_stability: {}\n",
                  seconds_or_null(head.cold_duration), seconds_or_null(head.warm_duration),
                  head.cache_hit_ratio ? ratio_text(*head.cache_hit_ratio) : "null", head.digest_stability);
  if (input.advice.empty()) return text + "recommended_actions: []\n";
  text += "recommended_actions:\n";
  for (const advisor::Advice& advice : input.advice) text += fmt::format("- {}\n", yaml_string(advice.text));
  return text;
}

}  // namespace buildlab::report
