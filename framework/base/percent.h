// Percent-encoding of URLs (RFC 3986, 2.1).
#pragma once

#include <string>
#include <string_view>

namespace buildlab {

// "%2F" -> "/". What is no percent sign with two hex digits stays as it is.
std::string percent_decoded(std::string_view text);

}  // namespace buildlab
