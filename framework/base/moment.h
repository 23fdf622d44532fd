// Moments as documents write them.
#pragma once

#include <string_view>

namespace buildlab {

// Whether both are RFC 3339 of one moment: "00:00:00Z" and "00:00:00.000+00:00".
bool is_same_moment(std::string_view a, std::string_view b);

}  // namespace buildlab
