// Parts of of_attribute.
#pragma once

#include <optional>

#include "framework/causes/cause.h"
#include "framework/causes/observation.h"

namespace buildlab::causes {

// Of a layer, a manifest or the config.
std::optional<Cause> of_metadata(const AttributePair& pair, const Surroundings& surroundings);
// Of a value that is any text: canaries and the generic recognisers.
std::optional<Cause> of_value(const AttributePair& pair, const Surroundings& surroundings);

}  // namespace buildlab::causes
