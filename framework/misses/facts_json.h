// The facts of a build as JSON, for keeping them beside the cache that it filled.
#pragma once

#include <optional>

#include "framework/base/json.h"
#include "framework/misses/facts.h"

namespace buildlab::misses {

Json to_json(const BuildFacts& facts);
// nullopt for anything that to_json of this version did not write.
std::optional<BuildFacts> from_json(const Json& json);

}  // namespace buildlab::misses
