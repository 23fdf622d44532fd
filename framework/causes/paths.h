// Patterns over paths of an image.
#pragma once

#include <string>
#include <string_view>

namespace buildlab::causes {

// Any of the patterns, which blanks part: "/etc/hosts" is that path, "*/etc/hosts" also below another root.
// '*' is any run of characters, '/' too.
bool matches_path(std::string_view patterns, std::string_view path);

std::string_view base_name(std::string_view path);    // "a/b" -> "b"
std::string_view parent_path(std::string_view path);  // "a/b" -> "a", "a" -> ""
// A file that a program tells its progress in.
bool is_log(std::string_view path);

}  // namespace buildlab::causes
