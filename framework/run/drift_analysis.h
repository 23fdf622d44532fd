// After builds that should have given the same image and did not: why, and which instructions drift by
// themselves.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "framework/engine/base_image.h"
#include "framework/run/scenario_run.h"

namespace buildlab::run {

struct DriftSource {
  std::filesystem::path context;  // the private copy, as it was built
  std::filesystem::path scratch;  // a folder for what is built to find out
  const engine::BaseImages& bases;
  std::map<std::string, std::string> build_args;
  // The state that a build left behind, by its iteration; empty where it is gone.
  std::function<std::filesystem::path(int iteration)> root_of;
};

// Compares the images of the first digest with those of each other digest and fills run.record.drift; of the
// first comparison the drifting steps are told apart, for which steps may be built again on equal inputs.
// What cannot be found out becomes a note; the only error is an interrupt.
Status analyse_drift(ScenarioRun& run, const DriftSource& source);

}  // namespace buildlab::run
