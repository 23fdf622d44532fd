// The environment that we were started in.
#pragma once

#include <string>

namespace buildlab {

// The variable's value; "" when it is not set, which no reader here tells from set and empty.
std::string environment(const char* name);

}  // namespace buildlab
