// Order alone: the same parts in another place.
#include <algorithm>
#include <string>
#include <vector>

#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/causes/generic.h"
#include "framework/causes/scan.h"

namespace buildlab::causes {
namespace {

constexpr std::size_t k_most_parts = 400'000;

// One text for a value whatever the order of its members and elements. parse_json limits the depth.
std::string sorted_text(const Json& value) {
  if (!value.is_object() && !value.is_array()) return to_line(value);
  std::vector<std::string> parts;
  parts.reserve(value.size());
  for (const auto& [key, member] : value.items()) {
    parts.push_back(value.is_object() ? Json(key).dump(-1, ' ', false, Json::error_handler_t::replace) + ":" +
                                            sorted_text(member)
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

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while (at < line.size()) {
    const auto is_part = [](char c) { return is_word(c) || c == '-' || c == '.' || c == '/' || c == ':'; };
    while (at < line.size() && !is_part(line[at])) ++at;
    const std::size_t begin = at;
    while (at < line.size() && is_part(line[at])) ++at;
    if (at > begin) words.push_back(line.substr(begin, at - begin));
  }
  return words;
}

// Everything between the words, in order.
std::string frame_of(std::string_view line) {
  std::string frame(line);
  std::sort(frame.begin(), frame.end());
  return frame;
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

bool same_json(std::string_view a, std::string_view b) {
  if (!looks_like_json(a) || !looks_like_json(b)) return false;
  const auto left = parse_json(a, "a");
  const auto right = parse_json(b, "b");
  return left && right && sorted_text(*left) == sorted_text(*right);
}

bool same_words(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const std::vector<std::string_view> left = split(a, '\n');
  const std::vector<std::string_view> right = split(b, '\n');
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] == right[i]) continue;
    std::vector<std::string_view> words_a = words_of(left[i]);
    std::vector<std::string_view> words_b = words_of(right[i]);
    // Two words that changed places are as often two values that were swapped.
    if (words_a.size() != words_b.size() || words_a.size() < 3 || words_a.size() > k_most_parts) return false;
    std::sort(words_a.begin(), words_a.end());
    std::sort(words_b.begin(), words_b.end());
    if (words_a != words_b || frame_of(left[i]) != frame_of(right[i])) return false;
  }
  return true;
}

}  // namespace buildlab::causes
