// Private to the room: characters as BuildKit's parser classes them (Go's unicode.IsSpace).
#pragma once

#include <cstdint>
#include <string_view>

namespace buildlab::dockerfile {

struct Character {
  std::uint32_t code = 0;
  std::size_t size = 1;  // bytes; 1 for a byte that is no valid UTF-8
};

// The character that starts at `at`, which must lie inside the text.
inline Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const std::uint32_t first = byte(at);
  const std::size_t size = first < 0x80U ? 1 : first < 0xC0U ? 0 : first < 0xE0U ? 2 : first < 0xF0U ? 3 : 4;
  if (size <= 1 || at + size > text.size()) return {first < 0x80U ? first : 0xFFFDU, 1};
  std::uint32_t code = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return {0xFFFDU, 1};
    code = (code << 6U) | (byte(at + i) & 0x3FU);
  }
  return {code, size};
}

inline bool is_space(std::uint32_t code) {
  return (code >= 0x09 && code <= 0x0D) || code == 0x20 || code == 0x85 || code == 0xA0 || code == 0x1680 ||
         (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F ||
         code == 0x205F || code == 0x3000;
}

inline std::string_view without_leading_space(std::string_view text) {
  while (!text.empty()) {
    const Character character = character_at(text, 0);
    if (!is_space(character.code)) break;
    text.remove_prefix(character.size);
  }
  return text;
}

inline std::string_view without_outer_space(std::string_view text) {
  text = without_leading_space(text);
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && text.size() - start < 4 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80U)
      --start;
    const Character character = character_at(text, start);
    if (start + character.size != text.size() || !is_space(character.code)) break;
    text.remove_suffix(character.size);
  }
  return text;
}

// What separates a keyword from its arguments and words of FROM and COPY from each other: [\t\v\f\r ].
inline bool is_separator(char c) {
  return c == '\t' || c == '\v' || c == '\f' || c == '\r' || c == ' ';
}

}  // namespace buildlab::dockerfile
