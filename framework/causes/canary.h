// Values that a variation planted, found again in an image.
#pragma once

#include <optional>
#include <string_view>

#include "framework/causes/cause.h"
#include "framework/causes/observation.h"

namespace buildlab::causes {

// A canary that only one side holds, or one more often than the other.
std::optional<Cause> of_canary(std::string_view a, std::string_view b, const Surroundings& surroundings);

}  // namespace buildlab::causes
