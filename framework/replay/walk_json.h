// A walk through history as JSON, for records.
#pragma once

#include "framework/base/json.h"
#include "framework/base/result.h"
#include "framework/replay/row.h"

namespace buildlab::replay {

Json to_json(const Walk& walk);
// Errors name the field.
Result<Walk> walk_from_json(const Json& json);

}  // namespace buildlab::replay
