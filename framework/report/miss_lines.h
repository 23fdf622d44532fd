// Private to the room: why steps ran that could have been hits.
#pragma once

#include <string>
#include <vector>

#include "framework/record/record.h"

namespace buildlab::report {

// "Dockerfile:4 COPY . /src ran: input-content: src/main.cpp", one for each step that no other step re-keyed,
// the same of several builds once. Of builds with a mutation only what it does not say by itself; nothing of
// builds that had no cache.
std::vector<std::string> miss_lines(const record::ScenarioRecord& record);

}  // namespace buildlab::report
