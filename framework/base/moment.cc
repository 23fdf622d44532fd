#include "framework/base/moment.h"

#include <algorithm>

#include "framework/base/time.h"

namespace buildlab {

bool is_same_moment(std::string_view a, std::string_view b) {
  const auto left = parse_rfc3339(a);
  const auto right = parse_rfc3339(b);
  if (!left || !right || *left != *right) return false;
  // What is dropped may differ.
  constexpr std::size_t k_kept_digits = 9;
  const auto is_whole = [](std::string_view text) {
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos) return true;
    const std::size_t end = std::min(text.find_first_not_of("0123456789", dot + 1), text.size());
    return end - dot - 1 <= k_kept_digits;
  };
  return is_whole(a) && is_whole(b);
}

}  // namespace buildlab
