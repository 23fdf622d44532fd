#include "framework/causes/compare_tokens.h"

#include <algorithm>
#include <string>

#include "framework/base/text.h"

namespace buildlab::causes {
namespace {

constexpr std::size_t k_kept_pairs = 64;
constexpr std::size_t k_most_lines = 200'000;

std::vector<Token> tokens_of(std::string_view text, const TokenUse& use) {
  std::vector<Token> tokens;
  if (use.times) tokens = time_tokens(text, use.durations);
  if (use.random) tokens = merged(std::move(tokens), random_tokens(text));
  return tokens;
}

// False when the pair is none that a clock or a random source makes.
bool add_pair(Alike& alike, const Token& a, std::string_view text_a, const Token& b, std::string_view text_b,
              const TokenUse& use, const Surroundings& surroundings) {
  const std::string_view value_a = text_a.substr(a.begin, a.size);
  const std::string_view value_b = text_b.substr(b.begin, b.size);
  if (value_a == value_b) return true;
  // Only logs have durations.
  if (needs_context(a.kind, surroundings) && !use.durations && !has_context(text_a, a.begin)) return false;
  const Fit fits = fit(a, value_a, b, value_b, surroundings);
  if (fits == Fit::no) return false;
  if (fits == Fit::supposed) alike.certain = false;
  ++alike.count;
  if (alike.differing.size() < k_kept_pairs) alike.differing.push_back({a, b});
  return true;
}

struct Line {
  std::string normal;  // tokens replaced by their kind
  std::string_view text;
  std::vector<Token> tokens;
  std::size_t begin = 0;
};

std::vector<Line> lines_of(std::string_view text, const TokenUse& use) {
  std::vector<Line> lines;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    Line line;
    line.text = text.substr(at, end - at);
    line.begin = at;
    line.tokens = tokens_of(line.text, use);
    std::size_t done = 0;
    for (const Token& token : line.tokens) {
      line.normal += line.text.substr(done, token.begin - done);
      line.normal += '\0';
      line.normal += static_cast<char>('A' + static_cast<int>(token.kind));
      done = token.begin + token.size;
    }
    line.normal += line.text.substr(done);
    lines.push_back(std::move(line));
    at = end + 1;
  }
  return lines;
}

}  // namespace

std::optional<Alike> alike_in_place(std::string_view a, std::string_view b, const TokenUse& use,
                                    const Surroundings& surroundings) {
  const std::vector<Token> tokens_a = tokens_of(a, use);
  const std::vector<Token> tokens_b = tokens_of(b, use);
  if (tokens_a.empty() || tokens_a.size() != tokens_b.size()) return std::nullopt;
  Alike alike;
  std::size_t at_a = 0;
  std::size_t at_b = 0;
  for (std::size_t i = 0; i < tokens_a.size(); ++i) {
    const Token& left = tokens_a[i];
    const Token& right = tokens_b[i];
    if (left.kind != right.kind) return std::nullopt;
    if (a.substr(at_a, left.begin - at_a) != b.substr(at_b, right.begin - at_b)) return std::nullopt;
    if (!add_pair(alike, left, a, right, b, use, surroundings)) return std::nullopt;
    at_a = left.begin + left.size;
    at_b = right.begin + right.size;
  }
  if (a.substr(at_a) != b.substr(at_b) || alike.count == 0) return std::nullopt;
  return alike;
}

std::optional<Alike> alike_in_any_order(std::string_view a, std::string_view b, const TokenUse& use,
                                        const Surroundings& surroundings) {
  const auto newlines = [](std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  };
  if (newlines(a) != newlines(b) || newlines(a) > k_most_lines) return std::nullopt;
  std::vector<Line> lines_a = lines_of(a, use);
  std::vector<Line> lines_b = lines_of(b, use);
  if (lines_a.size() != lines_b.size() || lines_a.size() < 2) return std::nullopt;
  const auto by_text = [](const Line& left, const Line& right) {
    return left.normal != right.normal ? left.normal < right.normal : left.text < right.text;
  };
  Alike alike;
  for (std::size_t i = 0; i < lines_a.size() && !alike.moved; ++i) {
    alike.moved = lines_a[i].normal != lines_b[i].normal;
  }
  std::sort(lines_a.begin(), lines_a.end(), by_text);
  std::sort(lines_b.begin(), lines_b.end(), by_text);
  for (std::size_t i = 0; i < lines_a.size(); ++i) {
    const Line& left = lines_a[i];
    const Line& right = lines_b[i];
    if (left.normal != right.normal || left.tokens.size() != right.tokens.size()) return std::nullopt;
    for (std::size_t k = 0; k < left.tokens.size(); ++k) {
      Token token_a = left.tokens[k];
      Token token_b = right.tokens[k];
      token_a.begin += left.begin;
      token_b.begin += right.begin;
      if (!add_pair(alike, token_a, a, token_b, b, use, surroundings)) return std::nullopt;
    }
  }
  // Lines that only changed places have the same tokens: without one that differs it is order alone.
  return alike;
}

}  // namespace buildlab::causes
