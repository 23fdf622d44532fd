// JSON of Drift. Private to this room.
#pragma once

#include "framework/base/json.h"
#include "framework/record/drift.h"
#include "framework/record/json_fields.h"

namespace buildlab::record {

Json drift_to_json(const Drift& drift);
Drift read_drift(const Fields& fields);

}  // namespace buildlab::record
