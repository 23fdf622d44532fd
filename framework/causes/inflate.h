// Compressed bytes back to plain ones, within limits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace buildlab::causes::formats {

enum class Compression { gzip, xz, zstd, bzip2 };
std::string_view to_string(Compression compression);
std::optional<Compression> compression_of(std::string_view bytes);

// nullopt: damaged, or larger than the limits of reading.h allow (absolutely, or for so few bytes).
std::optional<std::string> inflate(std::string_view bytes, Compression compression);
// What a zip member of method 8 holds.
std::optional<std::string> inflate_deflate(std::string_view bytes, std::uint32_t crc, std::uint32_t size);

}  // namespace buildlab::causes::formats
