#include "framework/report/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "framework/base/text.h"
#include "framework/report/characters.h"

namespace buildlab::report {
namespace {

// Words that some YAML version reads as a boolean or null.
constexpr std::array<std::string_view, 9> k_reserved{"y",     "yes", "n",   "no",  "true",
                                                     "false", "on",  "off", "null"};

bool needs_double_quotes(std::string_view text) {
  while (!text.empty()) {
    if (is_control(take_character(text))) return true;
  }
  return false;
}

// Text that begins with a letter is no number, date, indicator or anchor.
bool is_plain(std::string_view text) {
  if (text.empty() || std::isalpha(static_cast<unsigned char>(text.front())) == 0) return false;
  if (text.back() == ' ' || text.back() == ':') return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return false;
  return std::find(k_reserved.begin(), k_reserved.end(), to_lower(text)) == k_reserved.end();
}

std::string double_quoted(std::string_view text) {
  std::string result = "\"";
  while (!text.empty()) {
    const char32_t c = take_character(text);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += static_cast<char>(c);
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (!is_control(c)) {
      append_utf8(result, c);
    } else if (c <= 0xFF) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else if (c <= 0xFFFF) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      result += fmt::format("\\U{:08x}", static_cast<unsigned>(c));
    }
  }
  return result + "\"";
}

}  // namespace

std::string yaml_string(std::string_view text) {
  if (needs_double_quotes(text)) return double_quoted(text);
  std::string valid;
  while (!text.empty()) append_utf8(valid, take_character(text));
  if (is_plain(valid)) return valid;
  std::string result = "'";
  for (const char c : valid) {
    result += c;
    if (c == '\'') result += c;
  }
  return result + "'";
}

}  // namespace buildlab::report
