#include "greeting.h"

#include <nlohmann/json.hpp>
#include <optional>

namespace hello {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Percent-decoding of a query value; nullopt for a broken escape.
std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::string_view parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return {};
}

Response json(int status, const nlohmann::ordered_json& body) {
  // `replace`: a name that is no UTF-8 is answered, not thrown at.
  return {status, body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

}  // namespace

Response answer(std::string_view target) {
  const std::size_t mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  const std::string_view query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  if (path == "/healthz") return json(200, {{"status", "ok"}});
  if (path == "/hello") {
    const auto name = decode(parameter(query, "name"));
    if (!name) return json(400, {{"error", "the name has a broken % escape"}});
    return json(200, {{"message", "Hello, " + (name->empty() ? std::string("world") : *name) + "!"}});
  }
  return json(404, {{"error", "no such path"}, {"paths", {"/hello", "/healthz"}}});
}

}  // namespace hello
