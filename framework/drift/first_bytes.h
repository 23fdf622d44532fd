// What a content without a cause shows: where it differs first, and the bytes there. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace buildlab::drift {

inline constexpr std::size_t k_first_bytes = 32;

// At most one more than k_first_bytes of each side, from the first that differs.
struct FirstBytes {
  std::uint64_t offset = 0;
  std::string a;
  std::string b;
};

// `offset 8: "\x01\x00", then "\x02"`: printable ASCII, all else escaped as in C; "…" where more follows,
// "the end" where nothing does.
std::string first_bytes_text(const FirstBytes& first);
// With line and column in texts, where the excerpts begin with their line when that is near.
std::string first_bytes_text(std::string_view a, std::string_view b);

}  // namespace buildlab::drift
