#include "framework/causes/evidence.h"

#include <fmt/format.h>
#include <algorithm>
#include <cstring>

#include "framework/base/text.h"

namespace buildlab::causes {

bool is_text(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, 65'536);
  return head.find('\0') == std::string_view::npos;
}

std::string place_of(std::string_view file, std::size_t offset) {
  offset = std::min(offset, file.size());
  if (!is_text(file)) return fmt::format("offset {}", offset);
  const std::string_view before = file.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? offset + 1 : offset - newline;
  return fmt::format("line {}, column {}", line, column);
}

std::string shown(std::string_view value, std::size_t limit) {
  if (value.empty()) return "nothing";
  // Cut first: a value may be a whole file.
  const std::string_view head = value.substr(0, limit * 2);
  std::string printable;
  for (const char c : head) {
    const bool plain = static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) != 0x7f;
    printable += plain ? c : (c == '\n' || c == '\t' ? ' ' : '?');
  }
  return one_line(printable, limit);
}

std::string change(std::string_view place, std::string_view a, std::string_view b) {
  return fmt::format("{}: {}, then {}", place, shown(a), shown(b));
}

Region differing_region(std::string_view a, std::string_view b) {
  constexpr std::size_t reach = 4096;  // lines may be without end
  const std::size_t shorter = std::min(a.size(), b.size());
  const auto first = std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(shorter), b.begin());
  auto begin = static_cast<std::size_t>(first.first - a.begin());
  std::size_t tail = 0;
  while (tail < shorter - begin && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  const std::size_t newline = begin == 0 ? std::string_view::npos : a.rfind('\n', begin - 1);
  const std::size_t line = newline == std::string_view::npos ? 0 : newline + 1;
  begin = begin - line > reach ? begin - reach : line;
  if (tail > 0) {
    const std::size_t rest = a.size() - tail;
    const std::size_t end = a.find('\n', rest);
    const std::size_t line_rest = end == std::string_view::npos ? tail : end + 1 - rest;
    tail -= std::min({line_rest, tail, reach});
  }
  return {begin, a.substr(begin, a.size() - tail - begin), b.substr(begin, b.size() - tail - begin)};
}

LinePair first_differing_line(std::string_view a, std::string_view b) {
  const Region region = differing_region(a, b);
  const auto line_of = [](std::string_view text) { return text.substr(0, text.find('\n')); };
  // The common beginning ends inside of the first differing line or before it.
  const std::string_view before = a.substr(0, region.begin);
  return {static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1, line_of(region.a),
          line_of(region.b)};
}

}  // namespace buildlab::causes
