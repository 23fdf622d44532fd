// Private to the room: the JSON of a run's length, of confirmations and of moved base images, both ways.
#pragma once

#include "framework/base/json.h"
#include "framework/record/json_fields.h"
#include "framework/record/record.h"

namespace buildlab::record {

void read_run_length(const Fields& fields, ScenarioRecord& record);

}  // namespace buildlab::record
