#include "framework/causes/checks.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/text.h"
#include "framework/causes/compare_tokens.h"
#include "framework/causes/generic.h"

namespace buildlab::causes::checks {
namespace {

std::size_t first_difference(std::string_view a, std::string_view b) {
  const std::size_t shorter = std::min(a.size(), b.size());
  const auto found = std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(shorter), b.begin());
  return static_cast<std::size_t>(found.first - a.begin());
}

struct Masked {
  std::string text;
  std::vector<std::pair<std::size_t, std::string_view>> values;  // where, in the original
};

Masked without_values(std::string_view text, std::initializer_list<Value> masks) {
  constexpr std::size_t longest = 400;
  Masked masked;
  std::vector<std::pair<std::size_t, std::size_t>> holes;  // begin, end
  for (const Value& mask : masks) {
    for (std::size_t at = text.find(mask.key); at != std::string_view::npos;
         at = text.find(mask.key, at + 1)) {
      const std::size_t begin = at + mask.key.size();
      const std::size_t most = std::min(text.size(), begin + longest);
      std::size_t end = begin;
      while (end < most && mask.stops.find(text[end]) == std::string_view::npos) ++end;
      holes.emplace_back(begin, end);
      if (holes.size() > 100'000) return masked;
    }
  }
  std::sort(holes.begin(), holes.end());
  std::size_t done = 0;
  for (const auto& [begin, end] : holes) {
    if (begin < done) continue;
    masked.text += text.substr(done, begin - done);
    masked.values.emplace_back(begin, text.substr(begin, end - begin));
    done = end;
  }
  masked.text += text.substr(std::min(done, text.size()));
  return masked;
}

bool too_large(const ContentPair& pair) {
  return std::max(pair.a.size(), pair.b.size()) > 8 * k_text_limit;
}

}  // namespace

std::optional<Finding> by_path(const ContentPair& pair, const Surroundings&) {
  Finding finding;
  if (is_text(pair.a) && is_text(pair.b)) {
    const LinePair line = first_differing_line(pair.a, pair.b);
    finding.evidence.push_back(change(fmt::format("line {}", line.number), line.a, line.b));
  } else {
    finding.evidence.push_back(fmt::format("first difference at offset {}; {} and {} bytes",
                                           first_difference(pair.a, pair.b), pair.a.size(), pair.b.size()));
  }
  return finding;
}

std::optional<Finding> secret(const ContentPair& pair, const Surroundings&) {
  return Finding{false, {place_of(pair.a, first_difference(pair.a, pair.b)) + ": values are not shown"}};
}

std::optional<Finding> times(const ContentPair& pair, const Surroundings& surroundings) {
  const LinePair line = first_differing_line(pair.a, pair.b);
  const std::vector<Token> tokens_a = time_tokens(line.a, true);
  const std::vector<Token> tokens_b = time_tokens(line.b, true);
  for (std::size_t i = 0; i < std::min(tokens_a.size(), tokens_b.size()); ++i) {
    const std::string_view a = line.a.substr(tokens_a[i].begin, tokens_a[i].size);
    const std::string_view b = line.b.substr(tokens_b[i].begin, tokens_b[i].size);
    if (a == b || fit(tokens_a[i], a, tokens_b[i], b, surroundings) == Fit::no) continue;
    return Finding{false, {change(fmt::format("line {}", line.number), a, b)}};
  }
  return std::nullopt;
}

std::optional<Finding> any_generic(const ContentPair& pair, const Surroundings& surroundings) {
  const auto generic = of_generic(pair, surroundings);
  if (!generic) return std::nullopt;
  return Finding{generic->cause.proven, generic->cause.evidence, generic->cause.kind};
}

std::optional<Finding> order(const ContentPair& pair, const Surroundings&) {
  if (std::max(pair.a.size(), pair.b.size()) > k_text_limit || !is_text(pair.a)) return std::nullopt;
  const auto moved = reordered(pair.a, pair.b);
  if (!moved) return std::nullopt;
  const LinePair line = first_differing_line(pair.a, pair.b);
  return Finding{
      moved->certain, {change(fmt::format("line {}", line.number), line.a, line.b)}, CauseClass::order};
}

std::optional<Finding> values(const ContentPair& pair, std::initializer_list<Value> masks) {
  if (too_large(pair)) return std::nullopt;
  const Masked a = without_values(pair.a, masks);
  const Masked b = without_values(pair.b, masks);
  Finding finding;
  for (std::size_t i = 0; i < std::min(a.values.size(), b.values.size()); ++i) {
    if (a.values[i].second == b.values[i].second) continue;
    finding.evidence.push_back(
        change(place_of(pair.a, a.values[i].first), a.values[i].second, b.values[i].second));
    if (finding.evidence.size() == 3) break;
  }
  if (finding.evidence.empty()) return std::nullopt;
  finding.proven = a.text == b.text && a.values.size() == b.values.size();
  return finding;
}

std::optional<std::vector<LinePair>> differing_lines(const ContentPair& pair) {
  if (!is_text(pair.a) || !is_text(pair.b)) return std::nullopt;
  const Region region = differing_region(pair.a, pair.b);
  if (std::max(region.a.size(), region.b.size()) > k_text_limit) return std::nullopt;
  const std::vector<std::string_view> a = split(region.a, '\n');
  const std::vector<std::string_view> b = split(region.b, '\n');
  if (a.size() != b.size()) return std::nullopt;
  const std::string_view before = pair.a.substr(0, region.begin);
  const auto first = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  std::vector<LinePair> lines;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) lines.push_back({first + i, a[i], b[i]});
  }
  return lines;
}

std::optional<Finding> lines_with(const ContentPair& pair, std::initializer_list<std::string_view> words) {
  const auto lines = differing_lines(pair);
  if (!lines || lines->empty()) return std::nullopt;
  const auto holds = [&](std::string_view line) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return line.find(word) != std::string_view::npos; });
  };
  Finding finding;
  finding.proven = true;
  for (const LinePair& line : *lines) {
    if (!holds(line.a) || !holds(line.b)) {
      finding.proven = false;
      continue;
    }
    if (finding.evidence.size() < 3) {
      finding.evidence.push_back(change(fmt::format("line {}", line.number), line.a, line.b));
    }
  }
  if (finding.evidence.empty()) return std::nullopt;
  return finding;
}

}  // namespace buildlab::causes::checks
