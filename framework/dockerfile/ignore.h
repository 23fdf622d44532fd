// .dockerignore as values: text -> rules -> whether a path is left out of the context. Equal to
// github.com/moby/patternmatcher v0.6, which BuildKit's clients use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"

namespace buildlab::dockerfile {

class IgnoreRules {
 public:
  // What is known of a folder and is handed on to what lies in it. The default is that of the context's root.
  struct Verdict {
    bool ignored = false;
    std::vector<char> matched = {};  // by rule
  };

  IgnoreRules() = default;
  // Errors are of kind usage and read "NAME:LINE: what is wrong".
  static Result<IgnoreRules> parse(std::string_view text, std::string_view name);

  // `path` is relative to the context, with slashes; `parent` is the verdict on the folder it lies in.
  Verdict judge(std::string_view path, const Verdict& parent) const;
  // The same for one path, its parents included.
  bool ignores(std::string_view path) const;
  // Whether something below an ignored folder may be taken in again.
  bool has_exceptions() const { return m_has_exceptions; }
  bool empty() const { return m_rules.empty(); }

 private:
  enum class TokenKind { text, any_character, any_name, any_folders, rest, character_class };
  struct Token {
    TokenKind kind = TokenKind::text;
    std::string text = {};  // of a class: its ranges as pairs of characters
    bool negated = false;
  };
  enum class RuleKind { exact, prefix, suffix, pattern };
  struct Rule {
    RuleKind kind = RuleKind::exact;
    bool exception = false;  // "!path"
    std::string text = {};
    std::vector<Token> tokens = {};
  };
  static Result<Rule> compile(std::string_view pattern);
  static bool matches(const Rule& rule, std::string_view path);
  static bool matches_tokens(const std::vector<Token>& tokens, std::string_view path);

  std::vector<Rule> m_rules;
  bool m_has_exceptions = false;
};

}  // namespace buildlab::dockerfile
