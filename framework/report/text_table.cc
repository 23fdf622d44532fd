#include "framework/report/text_table.h"

#include <algorithm>

#include "framework/base/time.h"
#include "framework/report/characters.h"

namespace buildlab::report {

std::string aligned(const std::vector<TableLine>& lines, const std::vector<std::size_t>& right) {
  std::vector<std::size_t> widths;
  for (const TableLine& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], columns(line[i]));
  }
  std::string text;
  for (const TableLine& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const bool to_right = std::find(right.begin(), right.end(), i) != right.end();
      row += (i == 0 ? "" : "  ") + (to_right ? pad_left(line[i], widths[i]) : pad_right(line[i], widths[i]));
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

std::string seconds_or_gap(const std::optional<double>& seconds) {
  return seconds ? to_short_text(*seconds) : "–";
}

}  // namespace buildlab::report
