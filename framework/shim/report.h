// What the shim tells of each container: one line of JSON in a file that is only appended to.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/variation/application.h"

namespace buildlab::shim {

// At most PIPE_BUF bytes with its newline, so that containers side by side do not mix theirs; long commands
// and reasons are cut.
std::string to_line(const variation::StepReport& report);
Result<variation::StepReport> parse_line(std::string_view line);

// Appends; an error when the file has grown beyond every honest build (16 MiB).
Status append(const std::filesystem::path& file, const variation::StepReport& report);
// All lines from byte `offset` on; none when there is no file. `offset` becomes where the next call goes on.
Result<std::vector<variation::StepReport>> read_new(const std::filesystem::path& file, std::size_t& offset);

}  // namespace buildlab::shim
