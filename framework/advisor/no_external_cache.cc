// A fresh builder, as an ephemeral CI runner has, ran everything, and no scenario of the subject brings it a
// cache.
#include <algorithm>

#include "framework/advisor/finding.h"

namespace buildlab::advisor {
namespace {

// Importing and exporting a cache costs seconds itself (reading a manifest, fetching blobs); below this it
// hardly pays.
constexpr double k_pays_from_sec = 5.0;

bool brings_a_cache(const record::ScenarioRecord& record) {
  return record.kind == "ephemeral" && record.cache_mode != "none";
}

}  // namespace

std::vector<Finding> no_external_cache(const Facts& facts) {
  if (std::any_of(facts.records.begin(), facts.records.end(), brings_a_cache)) return {};
  // A runner that was measured as such says more than a cold build that stands for one.
  const record::ScenarioRecord* chosen = nullptr;
  for (const record::ScenarioRecord& record : facts.records) {
    const bool is_fresh = record.kind == "ephemeral" || record.kind == "cold";
    if (!is_fresh || samples_of(record).empty()) continue;
    if (chosen == nullptr || (record.kind == "ephemeral" && chosen->kind != "ephemeral")) chosen = &record;
  }
  if (chosen == nullptr) return {};
  const record::Build& build = *samples_of(*chosen).front();
  const metrics::Step* longest = nullptr;
  for (const metrics::Step& step : build.numbers.steps) {
    if (step.outcome != metrics::StepOutcome::ran) continue;
    if (longest == nullptr || step.seconds.value_or(0) > longest->seconds.value_or(0)) longest = &step;
  }
  const double steps_sec = build.numbers.parts.steps_sec;
  if (longest == nullptr || steps_sec < k_pays_from_sec) return {};
  NoExternalCache evidence{place_of(*longest), longest->seconds.value_or(0), steps_sec, build.duration_sec};
  return {{std::move(evidence), steps_sec, chosen, longest->lines.first}};
}

}  // namespace buildlab::advisor
