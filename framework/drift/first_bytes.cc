#include "framework/drift/first_bytes.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/causes/evidence.h"

namespace buildlab::drift {
namespace {

std::string escaped(std::string_view bytes) {
  if (bytes.empty()) return "the end";
  std::string text = "\"";
  for (const char c : bytes.substr(0, k_first_bytes)) {
    const auto value = static_cast<unsigned char>(c);
    if (c == '\n') {
      text += "\\n";
    } else if (c == '\t') {
      text += "\\t";
    } else if (c == '"' || c == '\\') {
      text += fmt::format("\\{}", c);
    } else if (value < 0x20 || value > 0x7e) {
      text += fmt::format("\\x{:02x}", value);
    } else {
      text += c;
    }
  }
  return text + (bytes.size() > k_first_bytes ? "\"…" : "\"");
}

}  // namespace

std::string first_bytes_text(const FirstBytes& first) {
  return fmt::format("offset {}: {}, then {}", first.offset, escaped(first.a), escaped(first.b));
}

std::string first_bytes_text(std::string_view a, std::string_view b) {
  const std::size_t shorter = std::min(a.size(), b.size());
  const auto at = static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(shorter), b.begin()).first -
      a.begin());
  // Only beginnings of large files are here where they stand at different places.
  if (at == a.size() && at == b.size()) return fmt::format("the first {} bytes are equal", at);
  std::size_t begin = at;
  if (causes::is_text(a) && causes::is_text(b)) {
    constexpr std::size_t near = 12;
    const std::size_t newline = at == 0 ? std::string_view::npos : a.rfind('\n', at - 1);
    const std::size_t line = newline == std::string_view::npos ? 0 : newline + 1;
    if (at - line <= near) begin = line;
  }
  const std::string place = causes::is_text(b) ? causes::place_of(a, at) : fmt::format("offset {}", at);
  return fmt::format("{}: {}, then {}", place, escaped(a.substr(begin, k_first_bytes + 1)),
                     escaped(b.substr(begin, k_first_bytes + 1)));
}

}  // namespace buildlab::drift
