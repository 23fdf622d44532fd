// What a matrix of cache backends came to, in each format's words. Private to this room.
#pragma once

#include <string>
#include <vector>

#include "framework/base/json.h"
#include "framework/record/record.h"

namespace buildlab::report {

// One table, a line a backend, and a line for each break-even; empty for other records.
std::vector<std::string> matrix_lines(const record::ScenarioRecord& record);
// "" for other records.
std::string matrix_section(const record::ScenarioRecord& record);
// A row for each backend; empty for other records.
Json matrix_to_json(const record::ScenarioRecord& record);
Json break_evens_to_json(const record::ScenarioRecord& record);

}  // namespace buildlab::report
