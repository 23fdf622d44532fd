#include "framework/report/characters.h"

#include <algorithm>
#include <array>

namespace buildlab::report {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// The blocks of Unicode's East_Asian_Width W and F that turn up in practice.
constexpr std::array<Range, 12> k_wide{{{0x1100, 0x115F},
                                        {0x2E80, 0x303E},
                                        {0x3041, 0x33FF},
                                        {0x3400, 0x4DBF},
                                        {0x4E00, 0x9FFF},
                                        {0xA000, 0xA4CF},
                                        {0xAC00, 0xD7A3},
                                        {0xF900, 0xFAFF},
                                        {0xFE30, 0xFE6F},
                                        {0xFF00, 0xFF60},
                                        {0x1F300, 0x1FAFF},
                                        {0x20000, 0x3FFFD}}};

constexpr std::array<Range, 4> k_no_width{
    {{0x0300, 0x036F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};

template <std::size_t Count>
bool within(const std::array<Range, Count>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](Range range) { return c >= range.first && c <= range.last; });
}

std::size_t width_of(char32_t c) {
  if (c < 0x20 || within(k_no_width, c)) return 0;
  return within(k_wide, c) ? 2 : 1;
}

// The length of the UTF-8 sequence that `lead` begins; 0 where it begins none.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// What follows ESC, taken off the text: CSI up to its final byte, OSC up to BEL or ST, else one character.
void skip_escape_sequence(std::string_view& text) {
  if (text.empty()) return;
  const char kind = text.front();
  text.remove_prefix(1);
  if (kind == '[') {
    while (!text.empty() && (text.front() < '@' || text.front() > '~') && text.front() >= ' ')
      text.remove_prefix(1);
    if (!text.empty() && text.front() >= ' ') text.remove_prefix(1);
  } else if (kind == ']') {
    const std::size_t end = text.find_first_of("\x07\x1b\n");
    if (end == std::string_view::npos) {
      text = {};
    } else if (text[end] == '\x1b') {
      text.remove_prefix(std::min(end + 2, text.size()));
    } else {
      text.remove_prefix(text[end] == '\n' ? end : end + 1);
    }
  }
}

}  // namespace

char32_t take_character(std::string_view& text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = sequence_length(byte(0));
  char32_t c = length == 1 ? byte(0) : byte(0) & (0xFFU >> (length + 1));
  bool valid = length > 0 && length <= text.size();
  for (std::size_t i = 1; valid && i < length; ++i) {
    valid = (byte(i) & 0xC0U) == 0x80U;
    c = (c << 6U) | (byte(i) & 0x3FU);
  }
  const bool overlong = (length == 3 && c < 0x800) || (length == 4 && c < 0x10000);
  if (!valid || overlong || (c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF) {
    text.remove_prefix(1);
    return k_replacement;
  }
  text.remove_prefix(length);
  return c;
}

void append_utf8(std::string& text, char32_t c) {
  const auto tail = [c](unsigned shift) { return static_cast<char>(0x80U | ((c >> shift) & 0x3FU)); };
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0U | (c >> 6U));
    text += tail(0);
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0U | (c >> 12U));
    text += tail(6);
    text += tail(0);
  } else {
    text += static_cast<char>(0xF0U | (c >> 18U));
    text += tail(12);
    text += tail(6);
    text += tail(0);
  }
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || (c & 0xFFFEU) == 0xFFFE ||
         (c >= 0xFDD0 && c <= 0xFDEF);
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const char32_t c = take_character(text);
    if (c == 0x1B) {
      skip_escape_sequence(text);
    } else if (c == '\r' && !text.empty() && text.front() == '\n') {
      continue;
    } else if (c != '\n' && is_control(c)) {
      result += ' ';
    } else {
      append_utf8(result, c);
    }
  }
  return result;
}

std::size_t columns(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) width += width_of(take_character(text));
  return width;
}

std::string pad_right(std::string text, std::size_t width) {
  const std::size_t used = columns(text);
  if (used < width) text.append(width - used, ' ');
  return text;
}

std::string pad_left(std::string text, std::size_t width) {
  const std::size_t used = columns(text);
  if (used < width) text.insert(0, width - used, ' ');
  return text;
}

std::string cut_to(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text);
  if (width == 0) return "";
  std::string result;
  std::size_t used = 0;
  while (!text.empty()) {
    const char32_t c = take_character(text);
    if (used + width_of(c) + 1 > width) break;
    used += width_of(c);
    append_utf8(result, c);
  }
  return result + "…";
}

}  // namespace buildlab::report
