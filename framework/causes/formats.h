// Causes that stand in binary and structured files.
#pragma once

#include <optional>

#include "framework/causes/cause.h"
#include "framework/causes/observation.h"

namespace buildlab::causes {

std::optional<Cause> of_format(const ContentPair& pair, const Surroundings& surroundings);

}  // namespace buildlab::causes
