// What can be said of two files without knowing their format: that they are equal but for times, random names
// or order.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "framework/causes/cause.h"
#include "framework/causes/observation.h"
#include "framework/causes/text_tokens.h"

namespace buildlab::causes {

// More is not looked at: the recognisers run on thousands of files.
inline constexpr std::size_t k_text_limit = std::size_t{8} << 20U;

struct Generic {
  Cause cause;
  std::set<TokenKind> kinds;  // of the tokens that differ
  std::string first_a;        // the first of them
  std::string first_b;
};

// Replacing exactly what the cause names made the files equal; nullopt otherwise.
std::optional<Generic> of_generic(const ContentPair& pair, const Surroundings& surroundings);

// Ids that the linker or Go's tool chain computed from everything else, replaced by zeros; nothing else
// changes.
std::string without_build_ids(std::string_view binary);

// The same lines in another order.
bool same_lines(std::string_view a, std::string_view b);
// The same JSON with members and elements in another order; nullopt when one is none.
std::optional<bool> same_json(std::string_view a, std::string_view b);
// Line by line the same items in another order: "{'a', 'b'}" and "{'b', 'a'}". Certain when commas part them
// in one pair of brackets; words or nested lists may as well be values that changed places.
Fit same_items(std::string_view a, std::string_view b);
// What of these holds, the most certain first. Lines of JSON say nothing: equal ones stand in many places.
struct Reordered {
  const char* what = "";  // "lines"
  bool certain = true;
  bool members = false;  // of JSON objects alone, which have no order
};
std::optional<Reordered> reordered(std::string_view a, std::string_view b);

}  // namespace buildlab::causes
