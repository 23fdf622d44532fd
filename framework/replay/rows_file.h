// The rows of a walk on disk: one JSON line each, appended whole, so that a walk can be killed at any moment
// and go on later.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/replay/row.h"

namespace buildlab::replay {

// The rows up to the first line that is none (the end of a killed process's last line); rows after it would
// stand on a builder's state that nobody knows. Numbers must ascend without gaps, else the rest is left out
// too.
std::vector<Row> parse_rows(std::string_view text);

// Reads the file (none is no row) and cuts off what parse_rows leaves out.
Result<std::vector<Row>> open_rows(const std::filesystem::path& file);
// In place of all that there are.
Status write_rows(const std::filesystem::path& file, const std::vector<Row>& rows);
Status append_row(const std::filesystem::path& file, const Row& row);

}  // namespace buildlab::replay
