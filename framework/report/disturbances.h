// Builds whose times say little, in each format's words. Private to this room.
#pragma once

#include <string>
#include <vector>

#include "framework/record/record.h"

namespace buildlab::report {

// "build 2 noisy network: 3 of the 41 requests …", "build 3 clock: put forward by 2 s …". Empty without any.
std::vector<std::string> disturbance_lines(const record::ScenarioRecord& record);
// One row a build; "" without any.
std::string disturbances_section(const std::vector<record::ScenarioRecord>& records);

}  // namespace buildlab::report
