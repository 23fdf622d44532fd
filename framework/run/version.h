// The version of Build Lab itself.
#pragma once

#include <string>

namespace buildlab::run {

// "v0.1.0": what CMakeLists.txt's project() states.
std::string tool_version();

}  // namespace buildlab::run
