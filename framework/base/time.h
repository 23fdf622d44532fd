// Points in time and durations as text. What Build Lab measures is steady_clock; what BuildKit stamped is
// WallTime; one is never subtracted from the other.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "framework/base/result.h"

namespace buildlab {

using Nanoseconds = std::chrono::nanoseconds;
using SteadyClock = std::chrono::steady_clock;
// Nanoseconds since 1970-01-01T00:00:00Z.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Nanoseconds>;

inline WallTime wall_now() {
  return std::chrono::time_point_cast<Nanoseconds>(std::chrono::system_clock::now());
}
inline double to_seconds(Nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// RFC 3339 with any number of fraction digits (beyond nine they are dropped) and any offset.
Result<WallTime> parse_rfc3339(std::string_view text);
// "2026-11-23T20:02:11.512345678Z"; fraction digits left out when zero.
std::string to_rfc3339(WallTime time);
// "2026-11-23T20-02-11Z": usable as a file name, sorts by time.
std::string to_file_stamp(WallTime time);
// For people: "0.39s", "3.1s", "16.2s", "4m12s", "1h02m".
std::string to_short_text(double seconds);

}  // namespace buildlab
