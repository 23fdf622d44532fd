// JSON of Drift. Private to this room.
#pragma once

#include "framework/base/json.h"
#include "framework/record/drift.h"
#include "framework/record/json_fields.h"

namespace buildlab::record {

Json passed_over_to_json(const std::vector<PassedOver>& passed_over);
// Absent in records of before there were policies.
std::vector<PassedOver> read_passed_over(const Fields& fields);
Json drift_to_json(const Drift& drift);
Drift read_drift(const Fields& fields);

}  // namespace buildlab::record
