// Private to the room: what of a step's own definition became another.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "framework/invalidation/graph.h"

namespace buildlab::misses {

// nullopt where both say the same. The texts of the two instructions are equal.
std::optional<std::string> changed_definition(const invalidation::StepNode& before,
                                              const invalidation::StepNode& now);

}  // namespace buildlab::misses
