// Columns of text that stand under each other.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace buildlab::report {

using TableLine = std::vector<std::string>;

// The columns named are aligned to the right; nothing stands behind the last one.
std::string aligned(const std::vector<TableLine>& lines, const std::vector<std::size_t>& right);

// "1.3s", "–" without a value.
std::string seconds_or_gap(const std::optional<double>& seconds);

}  // namespace buildlab::report
