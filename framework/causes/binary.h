// Bytes as the formats' readers see them: nothing here ever leaves the view that it was given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace buildlab::causes::formats {

enum class Order { little, big };

inline bool has(std::string_view bytes, std::size_t at, std::size_t size) {
  return at <= bytes.size() && size <= bytes.size() - at;
}
// Cut to what is there.
inline std::string_view slice(std::string_view bytes, std::size_t at, std::size_t size) {
  return at <= bytes.size() ? bytes.substr(at, size) : std::string_view{};
}
// An unsigned number of 1 to 8 bytes; 0 where it is not wholly there.
std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t width, Order order);
inline std::uint64_t le(std::string_view bytes, std::size_t at, std::size_t width) {
  return number(bytes, at, width, Order::little);
}
inline std::uint64_t be(std::string_view bytes, std::size_t at, std::size_t width) {
  return number(bytes, at, width, Order::big);
}
// Digits of the base, then only blanks and NULs; nullopt for anything else and for what does not fit.
std::optional<std::uint64_t> digits(std::string_view text, int base);

constexpr bool is_print(char c) {
  return c >= ' ' && c <= '~';
}
constexpr bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_lower_hex(char c) {
  return is_decimal(c) || (c >= 'a' && c <= 'f');
}
constexpr bool is_alnum(char c) {
  return is_decimal(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

struct Range {
  std::size_t begin = 0;
  std::size_t size = 0;

  std::size_t end() const { return begin + size; }
};

// The bytes of A and of B that carry one value.
struct Mask {
  Range a;
  Range b;
};
inline Mask same_place(std::size_t begin, std::size_t size) {
  return {{begin, size}, {begin, size}};
}
// Whether both sides are the same once each mask's bytes are left out. Overlapping masks must agree in how
// far the sides are apart.
bool equal_outside(std::string_view a, std::string_view b, std::vector<Mask> masks);

// Runs of differing bytes of two views of one size, in order; nullopt with more than `most` of them.
std::optional<std::vector<Range>> differing(std::string_view a, std::string_view b, std::size_t most);
// Offset of the first difference; the shorter one's size when it is a prefix of the other.
std::size_t first_difference(std::string_view a, std::string_view b);

// "2026-11-24T10:00:00Z"; outside of the years 1970 to 2261 "N s".
std::string moment(std::uint64_t seconds, std::uint64_t nanoseconds = 0);
// In double quotes, at most 80 bytes, anything unprintable as \xNN.
std::string in_quotes(std::string_view text);
// "WHAT: A, then B"
std::string change(std::string_view what, std::string_view a, std::string_view b);
std::string lower_hex(std::string_view bytes);

}  // namespace buildlab::causes::formats
