// Whether two texts are equal but for tokens of the same kinds in the same places.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "framework/causes/observation.h"
#include "framework/causes/text_tokens.h"

namespace buildlab::causes {

struct TokenPair {
  Token a;
  Token b;
};

struct Alike {
  std::vector<TokenPair> differing;  // the first ones; positions in the two texts
  std::size_t count = 0;             // of all that differ
  bool certain = true;               // each is what a clock or a random source makes
  bool moved = false;                // lines stand in another order as well
};

struct TokenUse {
  bool times = false;
  bool random = false;
  bool durations = false;
};

// nullopt: something else differs too, or a value is none that a clock or a random source would make.
std::optional<Alike> alike_in_place(std::string_view a, std::string_view b, const TokenUse& use,
                                    const Surroundings& surroundings);
// The same for lines in any order.
std::optional<Alike> alike_in_any_order(std::string_view a, std::string_view b, const TokenUse& use,
                                        const Surroundings& surroundings);

}  // namespace buildlab::causes
