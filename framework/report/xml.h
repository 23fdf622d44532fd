// XML 1.0 text: escaping only, the shapes are the formats' own.
#pragma once

#include <string>
#include <string_view>

namespace buildlab::report {

// For content and for attributes in double quotes. Characters that XML 1.0 forbids and the escape sequences
// of terminals are left out, a tab becomes a blank, bytes that are not UTF-8 become U+FFFD; line ends survive
// in both.
std::string xml_text(std::string_view text);
std::string xml_attribute(std::string_view text);

}  // namespace buildlab::report
