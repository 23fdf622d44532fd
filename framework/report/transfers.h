// What went between builders and cache registries, in each format's words. Private to this room.
#pragma once

#include <string>
#include <vector>

#include "framework/record/record.h"

namespace buildlab::report {

// "build 1 cache: 31.2 MiB down in 12 blobs, …" for each build that had a proxy before its cache, the priming
// ones named so; then what was done to their requests. Empty without one.
std::vector<std::string> transfer_lines(const record::ScenarioRecord& record);
// One row a build; "" without one.
std::string transfers_section(const std::vector<record::ScenarioRecord>& records);

}  // namespace buildlab::report
