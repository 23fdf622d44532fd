// Private to the room: the JSON of a matrix's backends and of a cache's attributes, both ways, and
// that of all texts by names.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "framework/base/json.h"
#include "framework/record/json_fields.h"
#include "framework/record/record.h"

namespace buildlab::record {

// An object of texts; empty where it is absent, or null.
std::map<std::string, std::string> read_texts_by_name(const Fields& fields, std::string_view key);

Json attributes_to_json(const std::map<std::string, std::string>& attributes);
Json backends_to_json(const ScenarioRecord& record);
void read_backends(const Fields& fields, ScenarioRecord& record);

}  // namespace buildlab::record
