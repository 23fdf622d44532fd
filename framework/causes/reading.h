// What a format's reader is handed, and the way into what an archive holds.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "framework/causes/cause.h"
#include "framework/causes/findings.h"
#include "framework/causes/formats.h"
#include "framework/causes/observation.h"

namespace buildlab::causes::formats {

constexpr int k_most_depth = 4;                                 // archives within archives
constexpr std::size_t k_most_inflated = std::size_t{64} << 20;  // of one compressed stream
constexpr std::size_t k_most_work = std::size_t{256} << 20;     // bytes inflated or descended into, in all
constexpr std::size_t k_most_members = 20'000;                  // of one archive
constexpr std::size_t k_most_descents = 20'000;                 // into differing members, in all

struct Reading {
  const ContentPair& pair;
  const Surroundings& surroundings;
  const Descend& descend;

  std::string_view a() const { return pair.a; }
  std::string_view b() const { return pair.b; }
  bool both_start_with(std::string_view magic) const {
    return pair.a.starts_with(magic) && pair.b.starts_with(magic);
  }
  // The cause inside a member; nullopt too when a limit is reached.
  std::optional<Cause> into(std::string_view member, std::string_view a, std::string_view b) const;
  // A reading of a piece of the same file, under its path.
  ContentPair piece(std::string_view a, std::string_view b) const { return {pair.path, a, b, pair.complete}; }
};

// Held while of_format works. A call that an outer one on the same thread led to shares the outer one's
// limits.
class Descent {
 public:
  Descent();
  ~Descent();
  Descent(const Descent&) = delete;
  Descent& operator=(const Descent&) = delete;

  bool too_deep() const;
  // Takes from what the whole descent may still read; false when it is used up.
  static bool spend(std::size_t bytes);
};

}  // namespace buildlab::causes::formats
