// Text from outside within GitHub's markdown: shown as it is, never read as markup or HTML.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace buildlab::report {

// On one line, with a character reference for each character that could mean something, so that it is safe in
// a paragraph, a list item and a table's cell alike.
std::string markdown_text(std::string_view text);
// The same in <code>.
std::string markdown_code(std::string_view text);
// Lines in a fence that they cannot end; at most 200 lines of at most 1000 bytes, and what was left out is
// said.
std::string markdown_fence(const std::vector<std::string>& lines);
// "| a | b |" of cells that are markdown already.
std::string markdown_row(const std::vector<std::string>& cells);
// A header row and the row below it.
std::string markdown_header(const std::vector<std::string>& cells);

}  // namespace buildlab::report
