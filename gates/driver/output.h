// The driver's own lines: data and results to standard output by GoogleTest, everything else to standard
// error.
#pragma once

#include <string>
#include <string_view>

#include "framework/base/result.h"

namespace buildlab::gates {

// One line on standard error, without colour: CTest keeps it in files.
void say(std::string_view line);
void say_error(const Error& error);
// Whole text on standard output, after what GoogleTest printed.
void print(std::string_view text);

// An environment variable that is exactly "1".
bool is_switched_on(const char* variable);

}  // namespace buildlab::gates
