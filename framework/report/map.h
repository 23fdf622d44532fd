// The map of a context in the formats that people and programs read. The same map gives the same bytes.
#pragma once

#include <string>

#include "framework/invalidation/map.h"

namespace buildlab::report {

std::string to_text(const invalidation::Map& map, bool colour);
std::string to_json(const invalidation::Map& map);  // docs/schema/map.schema.json
// A bar a class, a part a step that it re-runs: filled where it was measured, hatched where it is derived.
std::string to_svg(const invalidation::Map& map);

}  // namespace buildlab::report
