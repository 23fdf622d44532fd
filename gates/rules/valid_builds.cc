// Every build was the sample that its scenario declares; one that was not is in no average.
#include "gates/rules/gate.h"

namespace buildlab::gates {

verdict::Verdict valid_builds(const record::ScenarioRecord& record) {
  constexpr const char* k_gate = "valid_builds";
  if (record.builds.empty()) {
    std::vector<std::string> evidence = record.error_details;
    if (record.error) evidence.insert(evidence.begin(), *record.error);
    return not_evaluated(k_gate, "no build was measured", std::move(evidence));
  }
  std::vector<std::string> evidence;
  std::size_t failures = 0;
  for (const record::Build& build : record.builds) {
    if (build.failure) {
      ++failures;
      evidence.push_back(fmt::format("{}: {}", name_of(build), *build.failure));
    } else if (!build.valid) {
      evidence.push_back(
          fmt::format("{}: {}", name_of(build), build.invalid_reason.value_or("no reason is given")));
    }
  }
  const std::size_t count = record.builds.size();
  const std::size_t valid = count - evidence.size();
  if (evidence.empty()) return pass(k_gate, fmt::format("{} of {} builds are samples", count, count));
  return not_evaluated(k_gate,
                       failures > 0 ? fmt::format("{} of {} builds failed", failures, count)
                                    : fmt::format("{} of {} builds are samples", valid, count),
                       std::move(evidence));
}

}  // namespace buildlab::gates
