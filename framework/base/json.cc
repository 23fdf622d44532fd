#include "framework/base/json.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/file.h"

namespace buildlab {
namespace {

constexpr int k_max_depth = 200;

std::string position(std::string_view text, std::size_t byte) {
  byte = std::min(byte, text.size());
  const std::string_view before = text.substr(0, byte);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto start = before.rfind('\n');
  const auto column = start == std::string_view::npos ? byte : byte - start - 1;
  return fmt::format("{}:{}", line, std::max<std::size_t>(column, 1));
}

// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error …" without its prefix.
std::string cause(std::string_view what) {
  if (const auto text = what.find("number overflow parsing "); text != std::string_view::npos)
    return fmt::format("the number {} is larger than any that can be read", what.substr(text + 24));
  const auto colon = what.find(": ");
  return std::string(colon == std::string_view::npos ? what : what.substr(colon + 2));
}

// Looked for before parsing: the parser's own callback, which could tell too, makes it look through the whole
// array again at the end of each object in it.
bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > k_max_depth) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::string_view name, ErrorKind kind) {
  if (is_too_deep(text))
    return fail(kind, fmt::format("{}: nested deeper than {} levels", name, k_max_depth));
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    return fail(kind, fmt::format("{}:{}: {}", name, position(text, error.byte), cause(error.what())));
  } catch (const Json::exception& error) {
    return fail(kind, fmt::format("{}: {}", name, cause(error.what())));
  }
}

Result<Json> load_json(const std::filesystem::path& path, ErrorKind kind) {
  auto text = read_file(path);
  if (!text) {
    text.error().kind = kind;
    return tl::unexpected(text.error());
  }
  return parse_json(*text, path.string(), kind);
}

std::string text_member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string to_pretty_text(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_line(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace buildlab
