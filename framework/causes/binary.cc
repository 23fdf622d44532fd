#include "framework/causes/binary.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "framework/base/time.h"

namespace buildlab::causes::formats {

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t width, Order order) {
  if (width > 8 || !has(bytes, at, width)) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t from = order == Order::big ? at + i : at + width - 1 - i;
    value = value << 8 | static_cast<unsigned char>(bytes[from]);
  }
  return value;
}

std::optional<std::uint64_t> digits(std::string_view text, int base) {
  std::uint64_t value = 0;
  std::size_t at = 0;
  while (at < text.size() && text[at] == ' ') ++at;
  const std::size_t first = at;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    int digit = 16;
    if (is_decimal(c)) {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    }
    if (digit >= base) break;
    const auto wide = static_cast<std::uint64_t>(base);
    const auto next = static_cast<std::uint64_t>(digit);
    if (value > (std::numeric_limits<std::uint64_t>::max() - next) / wide) return std::nullopt;
    value = value * wide + next;
  }
  if (at == first) return std::nullopt;
  for (; at < text.size(); ++at) {
    if (text[at] != ' ' && text[at] != '\0') return std::nullopt;
  }
  return value;
}

bool equal_outside(std::string_view a, std::string_view b, std::vector<Mask> masks) {
  std::sort(masks.begin(), masks.end(),
            [](const Mask& left, const Mask& right) { return left.a.begin < right.a.begin; });
  std::size_t at_a = 0;
  std::size_t at_b = 0;
  for (const Mask& mask : masks) {
    if (!has(a, mask.a.begin, mask.a.size) || !has(b, mask.b.begin, mask.b.size)) return false;
    if (mask.a.begin < at_a || mask.b.begin < at_b) {
      // Within or across the one before: only where both sides run in step.
      if (mask.a.size != mask.b.size || mask.a.begin + at_b != mask.b.begin + at_a) return false;
      if (mask.a.end() > at_a) {
        at_a = mask.a.end();
        at_b = mask.b.end();
      }
      continue;
    }
    if (a.substr(at_a, mask.a.begin - at_a) != b.substr(at_b, mask.b.begin - at_b)) return false;
    at_a = mask.a.end();
    at_b = mask.b.end();
  }
  return a.substr(at_a) == b.substr(at_b);
}

std::optional<std::vector<Range>> differing(std::string_view a, std::string_view b, std::size_t most) {
  constexpr std::size_t k_block = 4096;
  std::vector<Range> runs;
  if (a.size() != b.size()) return std::nullopt;
  for (std::size_t block = 0; block < a.size(); block += k_block) {
    const std::size_t end = std::min(a.size(), block + k_block);
    if (std::memcmp(a.data() + block, b.data() + block, end - block) == 0) continue;
    for (std::size_t i = block; i < end; ++i) {
      if (a[i] == b[i]) continue;
      if (!runs.empty() && runs.back().end() == i) {
        ++runs.back().size;
        continue;
      }
      if (runs.size() == most) return std::nullopt;
      runs.push_back({i, 1});
    }
  }
  return runs;
}

std::size_t first_difference(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  return static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin()).first - a.begin());
}

std::string moment(std::uint64_t seconds, std::uint64_t nanoseconds) {
  constexpr std::uint64_t k_last = 9'214'646'400;  // 2262-01-01, near where nanoseconds end
  if (seconds >= k_last || nanoseconds >= 1'000'000'000) {
    return nanoseconds == 0 ? fmt::format("{} s", seconds)
                            : fmt::format("{} s and {} ns", seconds, nanoseconds);
  }
  return to_rfc3339(WallTime(std::chrono::seconds(static_cast<std::int64_t>(seconds)) +
                             std::chrono::nanoseconds(static_cast<std::int64_t>(nanoseconds))));
}

std::string in_quotes(std::string_view text) {
  std::string shown = "\"";
  for (const char c : text.substr(0, 80)) {
    if (is_print(c)) {
      shown += c;
    } else {
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return shown + (text.size() > 80 ? "…\"" : "\"");
}

std::string change(std::string_view what, std::string_view a, std::string_view b) {
  return fmt::format("{}: {}, then {}", what, a, b);
}

std::string lower_hex(std::string_view bytes) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    text += k_digits[static_cast<unsigned char>(c) >> 4];
    text += k_digits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

}  // namespace buildlab::causes::formats
