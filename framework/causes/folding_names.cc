// Files named by a sum of their content, as bundlers do: app.3f9a1c2b.js in one image, app.77e0d41f.js in the
// other.
#include <fmt/format.h>
#include <algorithm>
#include <map>

#include "framework/causes/evidence.h"
#include "framework/causes/folding.h"
#include "framework/causes/paths.h"
#include "framework/causes/scan.h"

namespace buildlab::causes {
namespace {

constexpr std::size_t k_most_names = 2000;              // one-sided files that are looked at
constexpr std::size_t k_most_bytes_read = 512U << 20U;  // of contents, for all names together

struct Renamed {
  std::size_t in_a = 0;  // indices into known()
  std::size_t in_b = 0;
  std::string_view sum_a;
  std::string_view sum_b;
};

// A sum as names carry it: digits of 16, 32, 36, 62 or 64, and no word.
bool like_a_sum(std::string_view text) {
  bool digit = false;
  bool letter = false;
  bool bump = false;  // upper case after lower case
  char before = '\0';
  for (const char c : text) {
    digit = digit || is_digit(c);
    letter = letter || is_letter(c);
    bump = bump || (is_upper(c) && is_lower(before));
    before = c;
  }
  return letter && (digit || bump);
}

bool is_sum_character(char c) {
  return is_word(c) || c == '-';
}

// What tells the two names apart, when it is one sum in the same place.
std::optional<std::pair<std::string_view, std::string_view>> sums_of_names(std::string_view a,
                                                                           std::string_view b) {
  constexpr std::size_t k_shortest = 8;
  constexpr std::size_t k_longest = 64;
  if (a.size() != b.size() || a == b) return std::nullopt;
  std::size_t begin = 0;
  while (a[begin] == b[begin]) ++begin;
  std::size_t end = a.size();
  while (a[end - 1] == b[end - 1]) --end;
  const auto plain = [](char c) { return is_letter(c) || is_digit(c); };
  while (begin > 0 && plain(a[begin - 1])) --begin;
  while (end < a.size() && plain(a[end])) ++end;
  const std::string_view in_a = a.substr(begin, end - begin);
  const std::string_view in_b = b.substr(begin, end - begin);
  if (in_a.size() < k_shortest || in_a.size() > k_longest) return std::nullopt;
  for (const std::string_view text : {in_a, in_b}) {
    if (!std::all_of(text.begin(), text.end(), is_sum_character)) return std::nullopt;
  }
  if (!like_a_sum(in_a) && !like_a_sum(in_b)) return std::nullopt;
  return std::pair(in_a, in_b);
}

// Pairs of which each name has just the other one.
std::vector<Renamed> renamed_files(const std::vector<Known>& known) {
  std::map<std::pair<std::string_view, std::size_t>,
           std::pair<std::vector<std::size_t>, std::vector<std::size_t>>>
      like;
  std::size_t count = 0;
  for (std::size_t i = 0; i < known.size() && count < k_most_names; ++i) {
    const Known& entry = known[i];
    const bool in_a = entry.attributes.contains(Attribute::missing);
    if (entry.cause || (!in_a && !entry.attributes.contains(Attribute::added))) continue;
    auto& [only_a, only_b] = like[{parent_path(entry.path), entry.path.size()}];
    (in_a ? only_a : only_b).push_back(i);
    ++count;
  }
  std::vector<Renamed> pairs;
  for (const auto& [place, sides] : like) {
    std::map<std::size_t, std::size_t> of_b;
    std::vector<Renamed> found;
    for (const std::size_t a : sides.first) {
      std::size_t matches = 0;
      for (const std::size_t b : sides.second) {
        const auto sums = sums_of_names(base_name(known[a].path), base_name(known[b].path));
        if (!sums) continue;
        if (++matches == 1) found.push_back({a, b, sums->first, sums->second});
        ++of_b[b];
      }
      if (matches > 1) found.pop_back();
    }
    std::erase_if(found, [&](const Renamed& pair) { return of_b[pair.in_b] != 1; });
    pairs.insert(pairs.end(), found.begin(), found.end());
  }
  return pairs;
}

// B's text with the sums of A in it. The budget is of bytes looked through.
std::string with_names_of_a(std::string_view b, const std::vector<Renamed>& pairs, std::size_t& budget) {
  std::string text(b);
  for (const Renamed& pair : pairs) {
    if (budget < text.size()) break;
    budget -= text.size();
    for (std::size_t at = text.find(pair.sum_b); at != std::string::npos; at = text.find(pair.sum_b, at)) {
      text.replace(at, pair.sum_b.size(), pair.sum_a);
      at += pair.sum_a.size();
    }
  }
  return text;
}

Cause named_by(const Known& original, const Known& other) {
  return derived("it is named by the sum of a content that differs", original.path,
                 fmt::format("{} in A and {} in B are one file", shown(base_name(original.path), 100),
                             shown(base_name(other.path), 100)));
}

}  // namespace

void want_names(const std::vector<Known>& known, std::vector<std::string>& paths) {
  for (const Renamed& pair : renamed_files(known)) {
    paths.push_back(known[pair.in_a].path);
    paths.push_back(known[pair.in_b].path);
  }
}

void fold_names(Fold& fold, const Surroundings& surroundings) {
  const std::vector<Renamed> pairs = renamed_files(fold.known());
  if (pairs.empty()) return;
  std::size_t budget = k_most_bytes_read;
  std::vector<Renamed> explained;
  std::vector<Renamed> equal;
  for (const Renamed& pair : pairs) {
    const Known& a = fold.known()[pair.in_a];
    const Known& b = fold.known()[pair.in_b];
    const std::string_view in_a = fold.contents(a.path).first;
    const std::string_view in_b = fold.contents(b.path).second;
    if (in_a.empty() || in_b.empty() || fold.is_claimed(pair.in_a) || fold.is_claimed(pair.in_b)) continue;
    const std::string text = with_names_of_a(in_b, pairs, budget);
    if (text == in_a) {
      equal.push_back(pair);
      continue;
    }
    auto cause = of_content({a.path, in_a, text}, surroundings);
    if (!cause) continue;
    cause->proven = false;  // how the name follows from the content is not known
    cause->evidence.push_back(
        fmt::format("in B it is {}: its name follows from its content", shown(base_name(b.path), 100)));
    fold.claim(pair.in_a, *cause);
    fold.claim(pair.in_b, named_by(a, b));
    explained.push_back(pair);
  }
  if (explained.empty()) return;
  // What names them: maps beside them, manifests, pages.
  for (const Renamed& pair : equal) {
    const auto same = std::find_if(explained.begin(), explained.end(), [&](const Renamed& other) {
      return other.sum_a == pair.sum_a && other.sum_b == pair.sum_b;
    });
    const Renamed& root = same == explained.end() ? explained.front() : *same;
    const Known& a = fold.known()[pair.in_a];
    if (same == explained.end() && fold.contents(a.path).first.find(root.sum_a) == std::string_view::npos)
      continue;
    for (const std::size_t index : {pair.in_a, pair.in_b}) {
      fold.claim(index, named_by(fold.known()[root.in_a], fold.known()[root.in_b]));
    }
  }
  for (std::size_t i = 0; i < fold.known().size(); ++i) {
    const Known& entry = fold.known()[i];
    if (!entry.attributes.contains(Attribute::content) || fold.is_claimed(i) || entry.a.empty()) continue;
    const auto named = std::find_if(explained.begin(), explained.end(), [&](const Renamed& pair) {
      return entry.a.find(pair.sum_a) != std::string_view::npos &&
             entry.b.find(pair.sum_b) != std::string_view::npos;
    });
    if (named == explained.end()) continue;
    const std::string text = with_names_of_a(entry.b, explained, budget);
    if (text == entry.a) {
      const Known& root = fold.known()[named->in_a];
      Cause cause = derived("it names a file whose name follows from its content", root.path,
                            "names " + shown(base_name(root.path), 100));
      cause.proven = true;
      fold.claim(i, cause);
    } else if (!entry.cause) {
      if (const auto cause = of_content({entry.path, entry.a, text}, surroundings)) fold.claim(i, *cause);
    }
  }
}

}  // namespace buildlab::causes
