// Time stamps of the build stay in the layers, so two builds of the same inputs differ.
#include <algorithm>
#include <set>

#include "framework/advisor/finding.h"

namespace buildlab::advisor {
namespace {

std::size_t count_digests(const std::vector<const record::Build*>& samples) {
  std::set<std::string> digests;
  for (const record::Build* build : samples) {
    if (build->image) digests.insert(build->image->digest);
  }
  return digests.size();
}

}  // namespace

std::vector<Finding> layer_timestamps(const Facts& facts) {
  const record::ScenarioRecord* chosen = nullptr;
  for (const record::ScenarioRecord& record : facts.records) {
    const record::Circumstances& circumstances = record.circumstances;
    if (circumstances.rewrite_timestamp && circumstances.source_date_epoch) continue;
    const auto samples = samples_of(record);
    if (samples.empty() || !samples.front()->image) continue;
    if (record.kind != "reproducibility") {
      if (chosen == nullptr) chosen = &record;
      continue;
    }
    // Builds of their own that agree all the same disprove it.
    if (samples.size() > 1 && count_digests(samples) == 1) return {};
    chosen = &record;
    break;
  }
  if (chosen == nullptr) return {};
  const auto samples = samples_of(*chosen);
  const bool compared = chosen->kind == "reproducibility" && samples.size() > 1;
  LayerTimestamps evidence{chosen->circumstances.rewrite_timestamp
                               ? LayerTimestamps::Cause::no_source_date_epoch
                               : LayerTimestamps::Cause::rewrite_is_off,
                           last_stage(*samples.front()), compared ? samples.size() : 0,
                           compared ? count_digests(samples) : 0, samples.front()->duration_sec};
  const std::optional<int> line =
      evidence.steps.empty() ? std::nullopt : std::optional(evidence.steps.front().line);
  return {{std::move(evidence), 0, chosen, line}};
}

}  // namespace buildlab::advisor
