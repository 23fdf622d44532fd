// Two images that should have been equal -> how they differ and why, as the record keeps it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/causes/observation.h"
#include "framework/drift/difference.h"
#include "framework/run/scenario_run.h"

namespace buildlab::run {

// What a build left behind.
struct ImageFiles {
  std::filesystem::path image;
  std::filesystem::path provenance;  // that of another build of the same Dockerfile serves for the lines
  std::filesystem::path progress;
};

// As they lie in the folder of one build's artifacts.
ImageFiles files_in(const std::filesystem::path& folder);

struct ImagePair {
  ImageFiles a;
  ImageFiles b;
  // When B was built by its own clock, where its provenance does not tell.
  std::optional<causes::Window> window_b = std::nullopt;
  // What a variation planted in B; with `only_planted` nothing else is told.
  std::vector<causes::Canary> canaries = {};
  bool only_planted = false;
  // The variation in which alone B was built, when each such build differed and none without it.
  std::optional<std::string> alone = std::nullopt;
};

// What the policies took, without those that took nothing.
std::vector<record::PassedOver> passed_over(const drift::Comparison& comparison);

// Everything of record::Drift but the numbers of the builds and the steps' origins.
Result<record::Drift> compare_images(const ScenarioRun& run, const ImagePair& pair);

}  // namespace buildlab::run
