// Two images -> how they differ, and why.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "framework/causes/recognise.h"
#include "framework/drift/difference.h"
#include "framework/image/image_file.h"
#include "framework/policy/policy.h"

namespace buildlab::drift {

struct Options {
  causes::Surroundings surroundings;
  std::vector<policy::Policy> policies;
  // Which instruction wrote the layer (0 is the lowest) of A or B; empty where nobody knows.
  std::function<std::optional<StepRef>(bool of_a, std::size_t layer)> step_of_layer;
  std::vector<std::string> notes;  // about the comparison, to be told with it
  Bytes max_layer{32ULL << 30U};   // unpacked
  unsigned threads = 0;            // 0: as many as there are cores
};

// Equal digests of blobs are never read; other blobs with the same DiffID are read to see that it is theirs.
// Differing layers are read once, in lock-step, and once more only for files
// that stand at different places. Errors are those of reading: a damaged layer names image, layer and place.
Result<Comparison> compare(const image::ImageFile& a, const image::ImageFile& b, const Options& options);

}  // namespace buildlab::drift
