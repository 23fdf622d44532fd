#include <fmt/format.h>

#include "framework/dockerfile/characters.h"
#include "framework/dockerfile/shell_lex.h"

namespace buildlab::dockerfile {
namespace {

enum class TokenKind { literal, any_character, any_text };
struct Token {
  TokenKind kind = TokenKind::literal;
  std::string_view text = {};
};

Result<std::vector<Token>> tokens_of(std::string_view pattern) {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < pattern.size();) {
    std::size_t size = character_at(pattern, i).size;
    if (pattern[i] == '*') {
      tokens.push_back({TokenKind::any_text});
    } else if (pattern[i] == '?') {
      tokens.push_back({TokenKind::any_character});
    } else {
      if (pattern[i] == '\\') {
        ++i;
        if (i == pattern.size() || std::string_view("}/*?\\").find(pattern[i]) == std::string_view::npos)
          return fail(ErrorKind::usage,
                      fmt::format("invalid escape in the pattern \"{}\" of a substitution", pattern));
        size = 1;
      }
      tokens.push_back({TokenKind::literal, pattern.substr(i, size)});
    }
    i += size;
  }
  return tokens;
}

// Ends of all matches of the tokens that start at the front of `value`: reachable[i] says that the first i
// bytes match. One pass a token, so no pattern takes more than tokens * bytes.
std::vector<char> reachable_ends(const std::vector<Token>& tokens, std::string_view value) {
  std::vector<char> reachable(value.size() + 1, 0);
  reachable[0] = 1;
  for (const Token& token : tokens) {
    std::vector<char> next(value.size() + 1, 0);
    bool open = false;
    for (std::size_t i = 0; i <= value.size(); ++i) {
      open = open || reachable[i] != 0;
      if (token.kind == TokenKind::any_text) {
        if (open) next[i] = 1;
      } else if (reachable[i] != 0 && i < value.size()) {
        if (token.kind == TokenKind::any_character) next[i + character_at(value, i).size] = 1;
        if (token.kind == TokenKind::literal && value.substr(i).starts_with(token.text))
          next[i + token.text.size()] = 1;
      }
    }
    reachable = std::move(next);
  }
  return reachable;
}

std::optional<std::size_t> match_length(const std::vector<Token>& tokens, std::string_view value,
                                        Length length) {
  const std::vector<char> ends = reachable_ends(tokens, value);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const std::size_t at = length == Length::shortest ? i : ends.size() - 1 - i;
    if (ends[at] != 0) return at;
  }
  return std::nullopt;
}

}  // namespace

Result<std::string> strip_pattern(std::string_view value, std::string_view pattern, End end, Length length) {
  BUILDLAB_ASSIGN(const std::vector<Token> tokens, tokens_of(pattern));
  if (end == End::front) {
    const auto matched = match_length(tokens, value, length);
    return std::string(value.substr(matched.value_or(0)));
  }
  std::optional<std::size_t> cut;
  for (std::size_t start = value.size() + 1; start-- > 0;) {
    if (reachable_ends(tokens, value.substr(start)).back() == 0) continue;
    cut = start;
    if (length == Length::shortest) break;
  }
  return std::string(value.substr(0, cut.value_or(value.size())));
}

Result<std::string> replace_pattern(std::string_view value, std::string_view pattern,
                                    std::string_view replacement, Occurrences occurrences) {
  BUILDLAB_ASSIGN(const std::vector<Token> tokens, tokens_of(pattern));
  std::string result;
  std::size_t at = 0;
  bool done = false;
  bool after_match = false;
  while (at <= value.size() && !done) {
    const auto matched = match_length(tokens, value.substr(at), Length::longest);
    // An empty match right behind another match is none.
    if (matched && !(after_match && *matched == 0)) {
      result += replacement;
      at += *matched;
      done = occurrences == Occurrences::first;
      after_match = true;
      if (*matched > 0) continue;
      if (done) break;
    }
    if (at == value.size()) break;
    const std::size_t size = character_at(value, at).size;
    result += value.substr(at, size);
    at += size;
    after_match = false;
  }
  if (at < value.size()) result += value.substr(at);
  return result;
}

}  // namespace buildlab::dockerfile
