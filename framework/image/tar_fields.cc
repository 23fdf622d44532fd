#include "framework/image/tar_fields.h"

#include <charconv>

#include "framework/base/text.h"

namespace buildlab::image {
namespace {

constexpr std::size_t k_checksum_at = 148;
constexpr std::size_t k_checksum_size = 8;

std::optional<std::int64_t> base_256(std::string_view field) {
  const bool negative = (static_cast<unsigned char>(field[0]) & 0x40U) != 0;
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < field.size(); ++i) {
    auto byte = static_cast<unsigned char>(field[i]);
    if (i == 0) byte = negative ? byte | 0x80U : byte & 0x7fU;
    const auto top = static_cast<unsigned char>(value >> 56U);
    if (top != (negative ? 0xff : 0)) return std::nullopt;
    value = (value << 8U) | byte;
  }
  const auto result = static_cast<std::int64_t>(value);
  if ((result < 0) != negative) return std::nullopt;
  return result;
}

template <typename Number>
std::optional<Number> decimal(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> tar_number(std::string_view field) {
  if (!field.empty() && (static_cast<unsigned char>(field[0]) & 0x80U) != 0) return base_256(field);
  while (!field.empty() && (field.front() == ' ' || field.front() == '\0')) field.remove_prefix(1);
  std::uint64_t value = 0;
  std::size_t at = 0;
  for (; at < field.size() && field[at] >= '0' && field[at] <= '7'; ++at) {
    if (value >> 60U != 0) return std::nullopt;
    value = value * 8 + static_cast<std::uint64_t>(field[at] - '0');
  }
  if (field.find_first_not_of(std::string_view(" \0", 2), at) != std::string_view::npos) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::string_view tar_text(std::string_view field) {
  return field.substr(0, field.find('\0'));
}

bool checksum_is_right(std::string_view block) {
  const auto written = tar_number(block.substr(k_checksum_at, k_checksum_size));
  if (!written) return false;
  std::int64_t with_unsigned = 0;
  std::int64_t with_signed = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const char c = i >= k_checksum_at && i < k_checksum_at + k_checksum_size ? ' ' : block[i];
    with_unsigned += static_cast<unsigned char>(c);
    with_signed += static_cast<signed char>(c);
  }
  return *written == with_unsigned || *written == with_signed;
}

std::optional<TarTime> pax_time(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto seconds = decimal<std::int64_t>(text.substr(0, dot));
  if (!seconds) return std::nullopt;
  TarTime time{*seconds, 0};
  if (dot == std::string_view::npos) return time;
  const std::string_view fraction = text.substr(dot + 1);
  if (fraction.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::uint32_t nanoseconds = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    nanoseconds =
        nanoseconds * 10 + (i < fraction.size() ? static_cast<std::uint32_t>(fraction[i] - '0') : 0U);
  }
  // "-3.5" is three and a half seconds before 1970; kept as -4 s and half a second.
  if (text.starts_with('-') && nanoseconds > 0) {
    if (time.seconds == INT64_MIN) return std::nullopt;
    --time.seconds;
    nanoseconds = 1'000'000'000U - nanoseconds;
  }
  time.nanoseconds = nanoseconds;
  return time;
}

std::optional<std::uint64_t> pax_number(std::string_view text) {
  return decimal<std::uint64_t>(text);
}

std::string canonical_path(std::string_view path) {
  std::string result;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (!result.empty()) result += '/';
    result += part;
  }
  return result;
}

}  // namespace buildlab::image
