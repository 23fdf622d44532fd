// A build whose steps are cached spends its time writing the image.
#include "framework/advisor/finding.h"

namespace buildlab::advisor {
namespace {

// More than all the rest together.
constexpr double k_dominating_share = 0.5;

}  // namespace

std::vector<Finding> export_dominates(const Facts& facts) {
  std::vector<Finding> findings;
  for (const record::ScenarioRecord& record : facts.records) {
    if (record.kind != "warm") continue;
    // The build with the shortest export: every one of them spends at least that.
    const record::Build* least = nullptr;
    for (const record::Build* build : samples_of(record)) {
      if (least == nullptr || build->numbers.parts.export_sec < least->numbers.parts.export_sec)
        least = build;
    }
    if (least == nullptr) continue;
    const double export_sec = least->numbers.parts.export_sec;
    if (export_sec < k_worth_sec || export_sec < k_dominating_share * least->duration_sec) continue;
    ExportDominates evidence{std::nullopt, export_sec, least->duration_sec, std::nullopt};
    const std::vector<Place> steps = last_stage(*least);
    if (!steps.empty()) evidence.last_step = steps.back();
    if (least->image) evidence.image_bytes = least->image->size_bytes;
    const std::optional<int> line = steps.empty() ? std::nullopt : std::optional(steps.back().line);
    findings.push_back({std::move(evidence), export_sec, &record, line});
  }
  return findings;
}

}  // namespace buildlab::advisor
