#include "framework/report/markdown_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "framework/base/text.h"
#include "framework/report/characters.h"

namespace buildlab::report {
namespace {

constexpr std::size_t k_max_lines = 200;
constexpr std::size_t k_max_line = 1000;

std::size_t longest_run_of_backticks(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// "1. " and "1) " begin numbered lists.
bool begins_list(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789");
  return end != std::string_view::npos && end > 0 && (text[end] == '.' || text[end] == ')') &&
         (end + 1 == text.size() || text[end + 1] == ' ');
}

}  // namespace

std::string markdown_text(std::string_view text) {
  constexpr std::string_view special = "&<>\"`*_[]|~\\$@";
  std::string result;
  const std::string safe = one_line(printable(text), k_max_line);
  const bool opens_list = begins_list(safe);
  const auto is_word = [&](std::size_t at) {
    return at < safe.size() && std::isalnum(static_cast<unsigned char>(safe[at])) != 0;
  };
  for (std::size_t at = 0; at < safe.size(); ++at) {
    const char c = safe[at];
    // Within a word GFM takes "_" as it is, and names of gates stay readable in the source.
    if (c == '_' && at > 0 && is_word(at - 1) && is_word(at + 1)) {
      result += c;
      continue;
    }
    // Headings, lists, rules and quotes begin with what is no letter.
    const bool opens_block =
        result.empty() && (opens_list || std::ispunct(static_cast<unsigned char>(c)) != 0);
    if (opens_block || special.find(c) != std::string_view::npos) {
      result += fmt::format("&#{};", static_cast<int>(c));
    } else {
      result += c;
    }
  }
  return result;
}

std::string markdown_code(std::string_view text) {
  return fmt::format("<code>{}</code>", markdown_text(text));
}

std::string markdown_fence(const std::vector<std::string>& lines) {
  std::vector<std::string> shown;
  std::size_t total = 0;
  for (const std::string& line : lines) {
    const std::string safe = printable(line);
    for (std::string_view part : split(safe, '\n')) {
      if (++total > k_max_lines) continue;
      const std::size_t indent = std::min(part.find_first_not_of(' '), part.size());
      shown.push_back(std::string(indent, ' ') + one_line(part, k_max_line));
    }
  }
  if (total > k_max_lines) shown.push_back(fmt::format("… {} more lines", total - k_max_lines));
  std::size_t ticks = 3;
  for (const std::string& line : shown) ticks = std::max(ticks, longest_run_of_backticks(line) + 1);
  const std::string fence(ticks, '`');
  return fmt::format("{}text\n{}\n{}\n", fence, fmt::join(shown, "\n"), fence);
}

std::string markdown_row(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string markdown_header(const std::vector<std::string>& cells) {
  return markdown_row(cells) + markdown_row(std::vector<std::string>(cells.size(), "---"));
}

}  // namespace buildlab::report
