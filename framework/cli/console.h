// Standard output and standard error: data to one, words for people to the other.
#pragma once

#include <string_view>

#include "framework/base/result.h"

namespace buildlab::cli {

// Whether escape sequences are welcome on a stream: a terminal, NO_COLOR empty or unset, TERM not "dumb";
// CLICOLOR_FORCE non-empty and not "0" forces them, --no-color forbids them.
bool colour_on_stdout(bool no_color);
bool colour_on_stderr(bool no_color);
bool stderr_is_terminal();

// Whole text or an infrastructure error (a closed pipe is none: the reader has seen enough).
Status write_stdout(std::string_view text);
void write_stderr(std::string_view text);

// "build-lab: MESSAGE" and the details, indented, on standard error.
void print_error(const Error& error);

}  // namespace buildlab::cli
