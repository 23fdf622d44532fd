// Order alone: the same parts in another place.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "framework/base/exact_json.h"
#include "framework/base/text.h"
#include "framework/causes/evidence.h"
#include "framework/causes/generic.h"

namespace buildlab::causes {
namespace {

constexpr std::size_t k_most_parts = 400'000;

// One text for a value whatever the order of its members and elements. parse_exact limits the depth.
std::string sorted_text(const Json& value) {
  if (!value.is_object() && !value.is_array()) return to_exact_line(value);
  std::vector<std::string> parts;
  parts.reserve(value.size());
  for (const auto& [key, member] : value.items()) {
    parts.push_back(value.is_object() ? fmt::format("{}:{}:{}", key.size(), key, sorted_text(member))
                                      : sorted_text(member));
  }
  std::sort(parts.begin(), parts.end());
  std::string text = value.is_object() ? "{" : "[";
  for (const std::string& part : parts) {
    text += part;
    text += ',';
  }
  text += value.is_object() ? '}' : ']';
  return text;
}

bool looks_like_json(std::string_view text) {
  const std::string_view body = trim(text);
  if (body.size() < 2) return false;
  return (body.front() == '{' && body.back() == '}') || (body.front() == '[' && body.back() == ']');
}

// What stands between commas, semicolons, brackets and, without any commas, blanks.
struct Items {
  std::vector<std::string_view> parts;
  std::size_t brackets = 0;
  bool commas = false;
};

Items items_of(std::string_view line) {
  constexpr std::string_view brackets = "(){}[]";
  Items items;
  items.commas = line.find(',') != std::string_view::npos || line.find(';') != std::string_view::npos;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= line.size(); ++at) {
    const char c = at < line.size() ? line[at] : ',';
    const bool bracket = brackets.find(c) != std::string_view::npos;
    const bool blank = !items.commas && (c == ' ' || c == '\t');
    if (!bracket && !blank && c != ',' && c != ';') continue;
    if (bracket) ++items.brackets;
    const std::string_view part = trim(line.substr(begin, at - begin));
    if (!part.empty()) items.parts.push_back(part);
    begin = at + 1;
  }
  return items;
}

// Every character, so that nothing but places can have changed.
std::string characters_of(std::string_view line) {
  std::string characters(line);
  std::sort(characters.begin(), characters.end());
  return characters;
}

}  // namespace

bool same_lines(std::string_view a, std::string_view b) {
  if (a.size() != b.size() && a.size() != b.size() + 1 && a.size() + 1 != b.size()) return false;
  const auto lines = [](std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    return split(text, '\n');
  };
  std::vector<std::string_view> left = lines(a);
  std::vector<std::string_view> right = lines(b);
  if (left.size() != right.size() || left.size() < 2 || left.size() > k_most_parts) return false;
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  return left == right;
}

std::optional<bool> same_json(std::string_view a, std::string_view b) {
  if (!looks_like_json(a) || !looks_like_json(b)) return std::nullopt;
  const auto left = parse_exact<Json>(a);
  const auto right = parse_exact<Json>(b);
  if (!left || !right) return std::nullopt;
  return sorted_text(*left) == sorted_text(*right);
}

Fit same_items(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return Fit::no;
  const std::vector<std::string_view> left = split(a, '\n');
  const std::vector<std::string_view> right = split(b, '\n');
  if (left.size() != right.size()) return Fit::no;
  Fit fits = Fit::certain;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] == right[i]) continue;
    Items items_a = items_of(left[i]);
    Items items_b = items_of(right[i]);
    // Two that changed places are as often two values that were swapped.
    if (items_a.parts.size() != items_b.parts.size() || items_a.parts.size() < 3) return Fit::no;
    if (items_a.parts.size() > k_most_parts) return Fit::no;
    std::sort(items_a.parts.begin(), items_a.parts.end());
    std::sort(items_b.parts.begin(), items_b.parts.end());
    if (items_a.parts != items_b.parts || characters_of(left[i]) != characters_of(right[i])) return Fit::no;
    if (!items_a.commas || items_a.brackets > 2) fits = Fit::supposed;
  }
  return fits;
}

std::optional<Reordered> reordered(std::string_view a, std::string_view b) {
  if (const auto json = same_json(a, b)) {
    if (!*json) return std::nullopt;
    using Sorted = nlohmann::json;
    const bool members = parse_exact<Sorted>(a) == parse_exact<Sorted>(b);
    return Reordered{"JSON members or elements", members, members};
  }
  const Region region = differing_region(a, b);
  if (same_lines(region.a, region.b)) return Reordered{"lines"};
  const Fit items = same_items(region.a, region.b);
  if (items == Fit::no) return std::nullopt;
  return Reordered{"words", items == Fit::certain};
}

}  // namespace buildlab::causes
