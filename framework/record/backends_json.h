// Private to the room: the JSON of a matrix's backends and of a cache's attributes, both ways.
#pragma once

#include <map>
#include <string>

#include "framework/base/json.h"
#include "framework/record/json_fields.h"
#include "framework/record/record.h"

namespace buildlab::record {

Json attributes_to_json(const std::map<std::string, std::string>& attributes);
Json backends_to_json(const ScenarioRecord& record);
void read_backends(const Fields& fields, ScenarioRecord& record);

}  // namespace buildlab::record
