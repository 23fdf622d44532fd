#include "framework/replay/rows_file.h"

#include <string>

#include "framework/base/file.h"

namespace buildlab::replay {
namespace {

std::string lines_of(const std::vector<Row>& rows) {
  std::string lines;
  for (const Row& row : rows) lines += to_line(to_json(row)) + "\n";
  return lines;
}

}  // namespace

std::vector<Row> parse_rows(std::string_view text) {
  std::vector<Row> rows;
  while (true) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return rows;
    const auto json = parse_json(text.substr(0, end), "row");
    if (!json) return rows;
    auto row = row_from_json(*json);
    if (!row || (!rows.empty() && row->number != rows.back().number + 1)) return rows;
    rows.push_back(std::move(*row));
    text.remove_prefix(end + 1);
  }
}

Result<std::vector<Row>> open_rows(const std::filesystem::path& file) {
  std::error_code code;
  if (!std::filesystem::exists(file, code)) return std::vector<Row>();
  BUILDLAB_ASSIGN(const std::string text, read_file(file));
  std::vector<Row> rows = parse_rows(text);
  if (lines_of(rows) != text) BUILDLAB_TRY(write_rows(file, rows));
  return rows;
}

Status write_rows(const std::filesystem::path& file, const std::vector<Row>& rows) {
  return write_file_atomic(file, lines_of(rows));
}

Status append_row(const std::filesystem::path& file, const Row& row) {
  return append_to_file(file, to_line(to_json(row)) + "\n");
}

}  // namespace buildlab::replay
