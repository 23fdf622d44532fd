// Named changes of a build's surroundings that must not change the image. Values only: how each is applied is
// the affair of framework/shim (RUN's containers), framework/engine (the builder) and framework/run (the
// context's copy).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"

namespace buildlab::variation {

enum class Kind {
  environment,
  hostname,
  clock,
  time_zone,
  locale,
  umask,
  user,
  cpus,
  kernel,
  aslr,
  context_umask,
  context_order,
  context_mtime,
  file_order,
  parallelism,
  network,
  cache_mounts,
  builder_options,
};

inline constexpr std::size_t k_kinds = 18;

struct Variation {
  Kind kind = Kind::environment;
  std::int64_t offset_sec = 0;  // of the clock only

  friend auto operator<=>(const Variation&, const Variation&) = default;
};

// Who applies it.
enum class Place {
  container,  // the runtime shim, in the containers of RUN
  context,    // the private copy of the context
  builder,    // the daemon's own settings and the build's options
};

struct Description {
  Kind kind;
  std::string_view name;
  std::string_view changes;  // one sentence: what a varied build sees
  Place place;
  bool may_break;  // builds are known to fail with it for other reasons than drift
};

const std::array<Description, k_kinds>& catalogue();
const Description& describe(Kind kind);

// "hostname", "clock=+35d".
std::string to_string(const Variation& variation);
std::string to_string(const std::vector<Variation>& variations);  // separated by ", "

// The offsets of a plain "clock": a day, over the end of a month, a year.
inline constexpr std::array<std::int64_t, 3> k_clock_offsets = {86'400, 35LL * 86'400, 365LL * 86'400};

// One name, or "clock=+1d" (units s, m, h, d, y = 365 d; at most 100 y): a plain "clock" is three variations.
// Errors are of kind usage and name what is known.
Result<std::vector<Variation>> parse_variation(std::string_view text);

// A list as users write it: "all", names, and "-name" that takes away what words before it gave. Sorted,
// each once. An error when nothing is left.
Result<std::vector<Variation>> parse_variations(const std::vector<std::string>& words);

}  // namespace buildlab::variation
