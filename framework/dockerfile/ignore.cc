#include "framework/dockerfile/ignore.h"

#include <fmt/format.h>
#include <filesystem>

#include "framework/base/text.h"
#include "framework/dockerfile/characters.h"

namespace buildlab::dockerfile {
namespace {

// As Go's filepath.Clean: no "." and "..", no doubled or trailing slashes; "." for nothing.
std::string clean(std::string_view pattern) {
  std::string normal = std::filesystem::path(pattern).lexically_normal().string();
  while (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal.empty() ? "." : normal;
}

}  // namespace

Result<IgnoreRules> IgnoreRules::parse(std::string_view text, std::string_view name) {
  IgnoreRules rules;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  int number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (line.starts_with('#')) continue;
    std::string_view pattern = without_outer_space(line);
    if (pattern.empty()) continue;
    const bool exception = pattern.front() == '!';
    if (exception) pattern = without_outer_space(pattern.substr(1));
    const auto error = [&](std::string_view what) {
      return fail(ErrorKind::usage, fmt::format("{}:{}: {}", name, number, what));
    };
    if (pattern.empty()) return error("\"!\" needs a path behind it");
    std::string cleaned = clean(pattern);
    if (cleaned.size() > 1 && cleaned.front() == '/') cleaned.erase(0, 1);
    auto rule = compile(cleaned);
    if (!rule) return error(fmt::format("\"{}\": {}", one_line(pattern, 80), rule.error().message));
    rule->exception = exception;
    rules.m_has_exceptions |= exception;
    rules.m_rules.push_back(std::move(*rule));
  }
  return rules;
}

Result<IgnoreRules::Rule> IgnoreRules::compile(std::string_view pattern) {
  Rule rule;
  rule.text = pattern;
  const auto add_text = [&](std::string_view text) {
    if (rule.tokens.empty() || rule.tokens.back().kind != TokenKind::text) rule.tokens.push_back({});
    rule.tokens.back().text += text;
  };
  for (std::size_t at = 0; at < pattern.size();) {
    const std::size_t size = character_at(pattern, at).size;
    const char c = pattern[at];
    if (pattern.substr(at).starts_with("**")) {
      const bool first = at == 0;
      at += 2;
      if (at < pattern.size() && pattern[at] == '/') ++at;
      const bool last = at == pattern.size();
      rule.tokens.push_back({last ? TokenKind::rest : TokenKind::any_folders});
      rule.kind = last && rule.kind == RuleKind::exact ? RuleKind::prefix : RuleKind::pattern;
      if (first) rule.kind = RuleKind::suffix;
      continue;
    }
    if (c == '*' || c == '?') {
      rule.tokens.push_back({c == '*' ? TokenKind::any_name : TokenKind::any_character});
      rule.kind = RuleKind::pattern;
    } else if (c == '\\') {
      if (++at == pattern.size()) return fail(ErrorKind::usage, "a \"\\\" at the end escapes nothing");
      const std::size_t escaped = character_at(pattern, at).size;
      add_text(pattern.substr(at, escaped));
      rule.kind = RuleKind::pattern;
      at += escaped;
      continue;
    } else if (c == '[') {
      Token token{TokenKind::character_class};
      ++at;
      if (at < pattern.size() && pattern[at] == '^') {
        token.negated = true;
        ++at;
      }
      const auto take = [&]() -> char {
        if (at < pattern.size() && pattern[at] == '\\') ++at;
        return at < pattern.size() ? pattern[at++] : '\0';
      };
      while (at < pattern.size() && (pattern[at] != ']' || token.text.empty())) {
        const char low = take();
        char high = low;
        if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
          ++at;
          high = take();
        }
        token.text += {low, high};
      }
      if (at >= pattern.size()) return fail(ErrorKind::usage, "the \"[\" is not closed by \"]\"");
      ++at;
      rule.tokens.push_back(std::move(token));
      rule.kind = RuleKind::pattern;
      continue;
    } else {
      add_text(pattern.substr(at, size));
    }
    at += size;
  }
  return rule;
}

// One pass a token over all ends that can be reached, so that no pattern costs more than tokens * bytes.
bool IgnoreRules::matches_tokens(const std::vector<Token>& tokens, std::string_view path) {
  std::vector<char> reachable(path.size() + 1, 0);
  reachable[0] = 1;
  for (const Token& token : tokens) {
    std::vector<char> next(path.size() + 1, 0);
    bool in_name = false;  // an any_name that started in this part of the path
    bool in_folders = false;
    for (std::size_t i = 0; i <= path.size(); ++i) {
      const bool here = reachable[i] != 0;
      const bool more = i < path.size();
      switch (token.kind) {
        case TokenKind::text:
          if (here && path.substr(i).starts_with(token.text)) next[i + token.text.size()] = 1;
          break;
        case TokenKind::any_character:
          if (here && more && path[i] != '/') next[i + character_at(path, i).size] = 1;
          break;
        case TokenKind::any_name:
          in_name = in_name || here;
          if (in_name) next[i] = 1;
          if (more && path[i] == '/') in_name = false;
          break;
        case TokenKind::any_folders:
          if (here || (in_folders && i > 0 && path[i - 1] == '/')) next[i] = 1;
          in_folders = in_folders || here;
          break;
        case TokenKind::rest:
          in_folders = in_folders || here;
          if (in_folders) next[i] = 1;
          break;
        case TokenKind::character_class:
          if (here && more) {
            bool inside = false;
            for (std::size_t pair = 0; pair + 1 < token.text.size(); pair += 2)
              inside |= token.text[pair] <= path[i] && path[i] <= token.text[pair + 1];
            if (inside != token.negated) next[i + character_at(path, i).size] = 1;
          }
          break;
      }
    }
    reachable = std::move(next);
  }
  return reachable.back() != 0;
}

bool IgnoreRules::matches(const Rule& rule, std::string_view path) {
  const std::string_view text = rule.text;
  switch (rule.kind) {
    case RuleKind::exact:
      return path == text;
    case RuleKind::prefix:
      return path.starts_with(text.substr(0, text.size() - 2));
    case RuleKind::suffix: {
      const std::string_view suffix = text.substr(2);
      return path.ends_with(suffix) || (suffix.starts_with('/') && path == suffix.substr(1));
    }
    case RuleKind::pattern:
      return matches_tokens(rule.tokens, path);
  }
  return false;
}

IgnoreRules::Verdict IgnoreRules::judge(std::string_view path, const Verdict& parent) const {
  Verdict verdict{false, std::vector<char>(m_rules.size(), 0)};
  for (std::size_t i = 0; i < m_rules.size(); ++i) {
    const Rule& rule = m_rules[i];
    bool matched = !parent.matched.empty() && parent.matched[i] != 0;
    if (!matched) {
      // An exception cannot change what is taken in already, nor a rule what is left out.
      if (rule.exception != verdict.ignored) continue;
      matched = matches(rule, path);
    }
    verdict.matched[i] = matched ? 1 : 0;
    if (matched) verdict.ignored = !rule.exception;
  }
  return verdict;
}

bool IgnoreRules::ignores(std::string_view path) const {
  Verdict verdict;
  for (std::size_t slash = path.find('/');; slash = path.find('/', slash + 1)) {
    verdict = judge(path.substr(0, slash), verdict);
    if (slash == std::string_view::npos) return verdict.ignored;
  }
}

}  // namespace buildlab::dockerfile
