// One string as a YAML scalar.
#pragma once

#include <string>
#include <string_view>

namespace buildlab::report {

// Reads back as exactly this string (bytes that are not UTF-8 as U+FFFD) in YAML 1.1 and 1.2, on one line:
// plain where no reader can take it for anything else, else in single quotes, in double quotes where it has
// controls.
std::string yaml_string(std::string_view text);

}  // namespace buildlab::report
