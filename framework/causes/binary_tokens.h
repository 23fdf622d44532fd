// Times and random names in bytes of no known format. Both answer only when they account for every differing
// byte.
#pragma once

#include <optional>
#include <string>

#include "framework/causes/binary.h"
#include "framework/causes/cause.h"
#include "framework/causes/observation.h"

namespace buildlab::causes {

// G6: each differing run lies in a number (u32 or u64, either byte order; seconds, milli-, micro- or
// nanoseconds since 1970) that falls into A's build in A and into B's in B. Without both windows it never
// answers.
std::optional<Cause> of_binary_times(const ContentPair& pair, const Surroundings& surroundings);
// G7: each differing run lies in a random name of equal length: a random UUID, "tmpab12cd34", "pip-target-…".
std::optional<Cause> of_binary_random(const ContentPair& pair);

namespace formats {

struct TokenAt {
  Range range;
  std::string a;  // decoded, for people
  std::string b;
};
// The number of the kind above that covers byte `at` of both sides, with the fraction that follows it.
std::optional<TokenAt> time_number_at(std::string_view a, std::string_view b, std::size_t at,
                                      const Surroundings& surroundings);
std::optional<TokenAt> random_name_at(std::string_view a, std::string_view b, std::size_t at);

}  // namespace formats
}  // namespace buildlab::causes
