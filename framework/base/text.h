// Small operations on text that the standard library lacks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace buildlab {

std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
std::string to_lower(std::string_view text);
// At most `limit` bytes of the text on one line, cut at a character's border, with "…" where it was cut.
std::string one_line(std::string_view text, std::size_t limit);
// '*' any run of characters, '?' one character; the whole text must match.
bool matches_glob(std::string_view pattern, std::string_view text);
// The known word nearest by edit distance, if it is near enough to be what was meant.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace buildlab
