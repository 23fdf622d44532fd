// An external cache whose import, hydration, export and remaining work take longer than building from
// nothing. Its net value is cold - (import + hydration + remaining work + export), which are the whole
// builds: what is in both (base images, context, writing the image) cancels out.
#include "framework/advisor/finding.h"
#include "framework/metrics/statistics.h"

namespace buildlab::advisor {
namespace {

std::vector<double> durations_of(const record::ScenarioRecord& record) {
  std::vector<double> durations;
  for (const record::Build* build : samples_of(record)) durations.push_back(build->duration_sec);
  return durations;
}

// The runs without a cache that say most of what the cache saves: those of the same runner and change, else
// cold builds. nullptr where there is none of the same Dockerfile.
const record::ScenarioRecord* without_cache(const Facts& facts, const record::ScenarioRecord& with) {
  const record::ScenarioRecord* chosen = nullptr;
  for (const record::ScenarioRecord& record : facts.records) {
    if (record.dockerfile_text != with.dockerfile_text || samples_of(record).empty()) continue;
    const bool same_runner = record.kind == "ephemeral" && record.cache_mode == "none" &&
                             record.input_mutation == with.input_mutation;
    if (same_runner) return &record;
    if (record.kind == "cold" && chosen == nullptr) chosen = &record;
  }
  return chosen;
}

double median_part(const record::ScenarioRecord& record, double metrics::Parts::*part) {
  std::vector<double> values;
  for (const record::Build* build : samples_of(record)) values.push_back(build->numbers.parts.*part);
  return metrics::median(values).value_or(0);
}

}  // namespace

std::vector<Finding> cache_costs_more(const Facts& facts) {
  std::vector<Finding> findings;
  for (const record::ScenarioRecord& record : facts.records) {
    if (record.kind != "ephemeral" || record.cache_mode == "none") continue;
    const record::ScenarioRecord* other = without_cache(facts, record);
    const std::vector<double> with = durations_of(record);
    if (other == nullptr || with.empty()) continue;
    const std::vector<double> without = durations_of(*other);
    // The cache's costs against nothing: "before" is what is paid with it.
    const auto loss = metrics::saving(with, without);
    if (!loss || loss->low <= 0 || loss->median < k_worth_sec) continue;
    CacheCostsMore evidence;
    evidence.cache_mode = record.cache_mode;
    evidence.with_sec = metrics::median(with).value_or(0);
    evidence.without_sec = metrics::median(without).value_or(0);
    evidence.loss_sec = loss->median;
    evidence.loss_low_sec = loss->low;
    evidence.loss_high_sec = loss->high;
    evidence.builds_with = with.size();
    evidence.builds_without = without.size();
    evidence.import_sec = median_part(record, &metrics::Parts::cache_import_sec);
    evidence.hydration_sec = median_part(record, &metrics::Parts::hydration_sec);
    evidence.steps_sec = median_part(record, &metrics::Parts::steps_sec);
    evidence.export_sec = median_part(record, &metrics::Parts::cache_export_sec);
    evidence.faults = record.faults;
    findings.push_back({std::move(evidence), loss->median, &record, std::nullopt});
  }
  return findings;
}

}  // namespace buildlab::advisor
