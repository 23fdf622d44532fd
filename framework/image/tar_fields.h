// The fields of tar headers. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "framework/image/tar_reader.h"

namespace buildlab::image {

inline constexpr std::size_t k_tar_block = 512;

// Octal digits between blanks and NULs, or base 256 (GNU) when the first bit is set; nullopt for anything
// else, and for numbers that no 64 bits hold.
std::optional<std::int64_t> tar_number(std::string_view field);
// Up to the first NUL.
std::string_view tar_text(std::string_view field);
// The sum of all bytes with blanks in the checksum's place, as signed bytes too, as old writers did.
bool checksum_is_right(std::string_view block);
// "1700000000.123456789", "-3.5"; nullopt when it is no time.
std::optional<TarTime> pax_time(std::string_view text);
std::optional<std::uint64_t> pax_number(std::string_view text);
// Without "./", leading and trailing slashes, and "//".
std::string canonical_path(std::string_view path);

}  // namespace buildlab::image
