// Private to the room: what a list of problems is told as.
#pragma once

#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/scenario/fields.h"

namespace buildlab::scenario {

// A usage error "N problems in FILE, nothing was run" with one detail a problem, in the file's order.
tl::unexpected<Error> fail_with(const std::string& file, std::vector<Problem> problems);

}  // namespace buildlab::scenario
