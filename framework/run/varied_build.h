// One build in varied surroundings.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "framework/base/result.h"
#include "framework/engine/variations.h"
#include "framework/run/fresh_builds.h"
#include "framework/run/same_images.h"
#include "framework/variation/plan.h"

namespace buildlab::run {

struct VariedOrder {
  int number = 0;  // 1, 2, … within the scenario
  variation::Set set;
  std::filesystem::path plain_image;  // of the first plain build, for canaries; may be gone
  std::string plain_fingerprint;
};

struct VariedResult {
  variation::Observation observation;
  record::VariedBuild build;
  std::filesystem::path image;     // empty when it failed
  bool first_of_its_kind = false;  // of all images of the scenario
};

// How far each variation of containers got, from what the shim told of each RUN.
std::map<variation::Variation, variation::Reached> reach_of(const variation::Set& set,
                                                            const std::vector<variation::StepReport>& steps);

// An error when the surroundings failed in a way that no variation explains.
Result<VariedResult> build_varied(ScenarioRun& run, const FreshBuilds& fresh, SameImages& same,
                                  const engine::VariationTools& tools, const VariedOrder& order);

}  // namespace buildlab::run
