// Values that a variation planted, found again in an image, and what only a variation changes.
#pragma once

#include <optional>
#include <string_view>

#include "framework/causes/cause.h"
#include "framework/causes/observation.h"

namespace buildlab::causes {

// A canary that only one side holds, or one more often than the other.
std::optional<Cause> of_canary(std::string_view a, std::string_view b, const Surroundings& surroundings);

// What differs in an image that was built with this variation ("kernel") alone, each time, and not without
// it: which value of the surroundings it depends on, proven by the builds and not by the bytes.
Cause of_variation(std::string_view variation);

}  // namespace buildlab::causes
