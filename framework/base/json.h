// JSON in and out. Keys keep their order, so that the same value always gives the same bytes.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "framework/base/result.h"

namespace buildlab {

using Json = nlohmann::ordered_json;

// Errors are of `kind` and read "NAME:LINE:COLUMN: what was expected". Invalid UTF-8, duplicate-free nesting
// deeper than 200 and trailing text are errors too.
Result<Json> parse_json(std::string_view text, std::string_view name,
                        ErrorKind kind = ErrorKind::infrastructure);
Result<Json> load_json(const std::filesystem::path& path, ErrorKind kind = ErrorKind::infrastructure);

// The member's text; "" when the object has no such member or it is no text.
std::string text_member(const Json& object, const char* key);

// null where there is none; of a text, where it is "".
template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}
inline Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

// Two-space indentation and a final newline, for files that people read.
std::string to_pretty_text(const Json& value);
// One line without a newline; bytes that are not UTF-8 become U+FFFD.
std::string to_line(const Json& value);

}  // namespace buildlab
