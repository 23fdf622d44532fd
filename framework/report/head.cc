// The head of every report.
#include <algorithm>

#include "framework/metrics/statistics.h"
#include "framework/report/report.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

constexpr std::string_view k_digest_gate = "digest_stable";

std::optional<double> median_of_kind(const std::vector<record::ScenarioRecord>& records,
                                     std::string_view kind) {
  std::vector<double> durations;
  for (const record::ScenarioRecord& record : records) {
    if (record.kind != kind) continue;
    const std::vector<double> more = valid_durations(record);
    durations.insert(durations.end(), more.begin(), more.end());
  }
  return metrics::median(durations);
}

std::optional<double> pooled_hit_ratio(const std::vector<record::ScenarioRecord>& records) {
  int hits = 0;
  int counted = 0;
  for (const record::ScenarioRecord& record : records) {
    if (record.kind != "warm" && record.kind != "edit") continue;
    for (const record::Build& build : record.builds) {
      if (!build.valid) continue;
      hits += build.numbers.hits;
      counted += build.numbers.hits + build.numbers.ran;
    }
  }
  if (counted == 0) return std::nullopt;
  return static_cast<double>(hits) / counted;
}

std::string digest_stability(const std::vector<record::ScenarioRecord>& records) {
  bool reproduced = false;
  for (const record::ScenarioRecord& record : records) {
    for (const verdict::Verdict& gate : record.gates) {
      if (gate.gate != k_digest_gate) continue;
      if (gate.ruling == verdict::Ruling::fail) return "FAIL";
      if (gate.ruling == verdict::Ruling::pass && record.kind == "reproducibility") reproduced = true;
    }
  }
  return reproduced ? "PASS" : "NOT_EVALUATED";
}

}  // namespace

Head head_of(const std::vector<record::ScenarioRecord>& records) {
  return {median_of_kind(records, "cold"), median_of_kind(records, "warm"), pooled_hit_ratio(records),
          digest_stability(records)};
}

}  // namespace buildlab::report
