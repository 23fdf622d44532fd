// Why the steps of a commit's build ran, and which changes pay for their seconds. Pure.
#pragma once

#include <string_view>

#include "framework/invalidation/cause.h"
#include "framework/replay/row.h"

namespace buildlab::replay {

// Seconds that neither the Dockerfile nor the context accounts for.
inline constexpr std::string_view k_unexplained = "(not explained)";

// Fills reason and detail of row.ran, and row.blame. `before` is the graph of the last build's Dockerfile and
// `changes` are what changed since; of a build that primes, every reason is "first-build".
void explain(Row& row, const invalidation::StepGraph& before, const invalidation::StepGraph& after,
             const invalidation::Changes& changes);

}  // namespace buildlab::replay
