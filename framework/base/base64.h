// Base64 with padding (RFC 4648, section 4), as Go writes bytes in JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace buildlab {

std::string base64_encode(std::string_view bytes);
// nullopt when it is not Base64 of whole groups.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace buildlab
