// Reading text byte by byte, past whose end there is only '\0'.
#pragma once

#include <cstddef>
#include <string_view>

namespace buildlab::causes {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_letter(char c) {
  return is_lower(c) || is_upper(c);
}
constexpr bool is_word(char c) {
  return is_letter(c) || is_digit(c) || c == '_';
}
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

struct Cursor {
  std::string_view text;
  std::size_t at = 0;

  char peek(std::size_t ahead = 0) const { return at + ahead < text.size() ? text[at + ahead] : '\0'; }
  std::string_view rest() const { return at < text.size() ? text.substr(at) : std::string_view{}; }
  std::size_t digits_ahead() const {
    std::size_t count = 0;
    while (is_digit(peek(count))) ++count;
    return count;
  }
  void skip_digits() { at += digits_ahead(); }
  void skip_blanks(std::size_t most) {
    for (std::size_t i = 0; i < most && peek() == ' '; ++i) ++at;
  }
  bool take(std::string_view word) {
    if (!rest().starts_with(word)) return false;
    at += word.size();
    return true;
  }
  // Exactly `width` digits; at most nine, so that the value fits.
  bool number(std::size_t width, int& value) {
    if (width == 0 || width > 9 || digits_ahead() < width) return false;
    value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value * 10 + (peek(i) - '0');
    at += width;
    return true;
  }
};

}  // namespace buildlab::causes
