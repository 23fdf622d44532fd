// A size in bytes, so that it is never mistaken for another number.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace buildlab {

struct Bytes {
  std::uint64_t count = 0;

  friend auto operator<=>(const Bytes&, const Bytes&) = default;
};

// "512 B", "1.5 KiB", "170.0 MiB": IEC units, one digit after the point above bytes.
std::string to_string(Bytes bytes);

}  // namespace buildlab
