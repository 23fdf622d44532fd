// Whether a build gave the image that it gives with a cache that does not fail.
#pragma once

#include <optional>
#include <string>

#include "framework/record/record.h"

namespace buildlab::run {

// Why the build is no sample all the same: its requests to the cache were disturbed or failed, it went on,
// and its image is another one than that of the build that filled the cache from the same inputs. nullopt
// where there is no such build to compare it with: an input was changed, nothing failed.
std::optional<std::string> wrong_image_reason(const record::ScenarioRecord& record,
                                              const record::Build& build);

// Whether only a further build of the same inputs can tell: requests failed or were tampered with, and an
// input was changed since the cache was filled. Requests that merely took longer leave the image as it is.
bool needs_reference(const record::ScenarioRecord& record, const record::Build& build);

// The same as wrong_image_reason against `reference`, a build of the same inputs with the same cache,
// undisturbed. Nothing vouches for an image either whose steps ran and came out otherwise there.
std::optional<std::string> unlike_reference(const record::ScenarioRecord& record, const record::Build& build,
                                            const record::Build& reference);

}  // namespace buildlab::run
