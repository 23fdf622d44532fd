// Whether a build that took every step from an imported cache gave the image that the cache was made from.
#pragma once

#include <optional>
#include <string>

#include "framework/record/record.h"

namespace buildlab::run {

// Why the build is no sample all the same: its requests to the cache were disturbed or failed, it went on,
// and its image is another one than that of the build that filled the cache from the same inputs. nullopt
// where that cannot be said: a step ran, an input was changed, nothing failed.
std::optional<std::string> wrong_image_reason(const record::ScenarioRecord& record,
                                              const record::Build& build);

}  // namespace buildlab::run
