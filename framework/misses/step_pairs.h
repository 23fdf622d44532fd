// Private to the room: the steps of an earlier Dockerfile that those of a later one are.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "framework/invalidation/graph.h"

namespace buildlab::misses {

struct StepPair {
  std::optional<std::size_t> same = {};  // of the same text
  std::optional<std::size_t> was = {};   // of another text, in whose place it stands
};

// One for each step of `now`. Equal instructions of a stage pair in their order; those of a stage that was
// renamed or moved by their text alone.
std::vector<StepPair> pair_steps(const invalidation::StepGraph& before, const invalidation::StepGraph& now);

}  // namespace buildlab::misses
