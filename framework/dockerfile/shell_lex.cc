#include "framework/dockerfile/shell_lex.h"

#include <fmt/format.h>

#include "framework/dockerfile/characters.h"

namespace buildlab::dockerfile {
namespace {

// Deeper nesting of ${a:-${b:-…}} than any person writes is refused instead of overflowing the stack.
constexpr int k_max_depth = 200;

tl::unexpected<Error> syntax_error(std::string what) {
  return fail(ErrorKind::usage, std::move(what));
}

class WordList {
 public:
  void add(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
      const Character character = character_at(text, i);
      if (!is_space(character.code)) {
        m_word += text.substr(i, character.size);
      } else {
        finish();
      }
      i += character.size;
    }
  }
  void add_quoted(std::string_view text) { m_word += text; }
  std::vector<std::string> take() {
    finish();
    return std::move(m_words);
  }

 private:
  void finish() {
    if (!m_word.empty()) m_words.push_back(std::move(m_word));
    m_word.clear();
  }
  std::string m_word;
  std::vector<std::string> m_words;
};

class Lexer {
 public:
  Lexer(std::string_view source, const LexOptions& options, const Lookup& lookup)
      : m_source(source), m_options(options), m_lookup(lookup) {}

  // Up to `stop` (taken too), or to the end where there is none.
  Result<Lexed> until(std::optional<char> stop, Marks escapes);

 private:
  bool at_end() const { return m_at >= m_source.size(); }
  char peek() const { return at_end() ? '\0' : m_source[m_at]; }
  bool is_next(char c) const { return !at_end() && m_source[m_at] == c; }
  std::string_view take_character() {
    const std::string_view taken = m_source.substr(m_at, character_at(m_source, m_at).size);
    m_at += taken.size();
    return taken;
  }
  std::string take_name();
  std::string take_heredoc_mark();
  Result<std::string> single_quoted();
  Result<std::string> double_quoted(Marks escapes);
  Result<std::string> variable();
  Result<std::string> braced_variable();
  Result<std::string> with_default(const std::string& name, const std::string& modifier);
  Result<std::string> with_replacement(const std::string& name);
  Result<Lexed> nested(char stop, Marks escapes, std::string_view missing);

  std::string_view m_source;
  std::size_t m_at = 0;
  int m_depth = 0;
  const LexOptions& m_options;
  const Lookup& m_lookup;
};

Result<Lexed> Lexer::until(std::optional<char> stop, Marks escapes) {
  Lexed result;
  WordList words;
  const auto add_quoted = [&](std::string_view text) {
    result.text += text;
    words.add_quoted(text);
  };
  while (!at_end()) {
    const char c = peek();
    if (stop && c == *stop) {
      ++m_at;
      result.words = words.take();
      return result;
    }
    if (c == '$') {
      BUILDLAB_ASSIGN(const std::string value, variable());
      result.text += value;
      words.add(value);
    } else if (c == '<') {
      add_quoted(take_heredoc_mark());
    } else if (c == '\'') {
      BUILDLAB_ASSIGN(const std::string quoted, single_quoted());
      add_quoted(quoted);
    } else if (c == '"') {
      BUILDLAB_ASSIGN(const std::string quoted, double_quoted(escapes));
      add_quoted(quoted);
    } else if (c == m_options.escape) {
      ++m_at;
      if (escapes == Marks::kept) add_quoted(std::string_view(&c, 1));
      if (!at_end()) add_quoted(take_character());
    } else {
      const std::string_view character = take_character();
      result.text += character;
      words.add(character);
    }
  }
  if (stop) return syntax_error(fmt::format("missing \"{}\"", *stop));
  result.words = words.take();
  return result;
}

// "<<" with the blanks behind it belongs to the word that follows, so that "<< EOF" is one word.
std::string Lexer::take_heredoc_mark() {
  ++m_at;
  if (!is_next('<')) return "<";
  ++m_at;
  std::string mark = "<<";
  while (is_next(' ') || is_next('\t') || is_next('\r')) mark += m_source[m_at++];
  return mark;
}

Result<std::string> Lexer::single_quoted() {
  const auto end = m_source.find('\'', m_at + 1);
  if (end == std::string_view::npos) return syntax_error("a single quote is not closed");
  const std::string_view quoted = m_source.substr(m_at, end + 1 - m_at);
  m_at = end + 1;
  return std::string(m_options.quotes == Marks::kept ? quoted : quoted.substr(1, quoted.size() - 2));
}

Result<std::string> Lexer::double_quoted(Marks escapes) {
  std::string text;
  ++m_at;
  if (m_options.quotes == Marks::kept) text += '"';
  while (!at_end()) {
    const char c = peek();
    if (c == '"') {
      ++m_at;
      if (m_options.quotes == Marks::kept) text += '"';
      return text;
    }
    if (c == '$') {
      BUILDLAB_ASSIGN(const std::string value, variable());
      text += value;
    } else if (c == m_options.escape) {
      ++m_at;
      if (escapes == Marks::kept) text += c;
      if (at_end()) break;
      // Only these can be escaped in quotes; before others the escape is a character like any.
      if (is_next('"') || is_next('$') || is_next(m_options.escape)) {
        text += m_source[m_at++];
      } else {
        text += c;
      }
    } else {
      text += take_character();
    }
  }
  return syntax_error("a double quote is not closed");
}

std::string Lexer::take_name() {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80U;
  };
  const std::size_t start = m_at;
  if (is_digit(peek())) {
    while (!at_end() && is_digit(peek())) ++m_at;
  } else if (!at_end() && std::string_view("@*#?-$!").find(peek()) != std::string_view::npos) {
    ++m_at;
  } else {
    while (!at_end() && (is_letter(peek()) || is_digit(peek()))) ++m_at;
  }
  return std::string(m_source.substr(start, m_at - start));
}

Result<std::string> Lexer::variable() {
  ++m_at;
  if (is_next('{')) {
    if (++m_depth > k_max_depth) return syntax_error("variables are nested too deeply");
    auto value = braced_variable();
    --m_depth;
    return value;
  }
  const std::string name = take_name();
  if (name.empty()) return "$";
  if (auto value = m_lookup(name)) return *value;
  return m_options.unset == UnsetVariable::left_as_written ? "$" + name : "";
}

Result<Lexed> Lexer::nested(char stop, Marks escapes, std::string_view missing) {
  auto inner = until(stop, escapes);
  if (!inner && at_end()) return syntax_error(std::string(missing));
  return inner;
}

Result<std::string> Lexer::braced_variable() {
  ++m_at;
  if (at_end()) return syntax_error("a \"${\" is not closed by \"}\"");
  if (is_next('{') || is_next('}') || is_next(':'))
    return syntax_error("bad substitution: a name must follow \"${\"");
  const std::string name = take_name();
  if (at_end()) return syntax_error("a \"${\" is not closed by \"}\"");
  std::string modifier(1, m_source[m_at++]);
  if (modifier == "}") {
    if (auto value = m_lookup(name)) return *value;
    return m_options.unset == UnsetVariable::left_as_written ? "${" + name + "}" : "";
  }
  if (modifier == "/") return with_replacement(name);
  if (modifier == ":" && !at_end()) modifier += m_source[m_at++];
  return with_default(name, modifier);
}

Result<std::string> Lexer::with_default(const std::string& name, const std::string& modifier) {
  const char kind = modifier.back();
  const bool null_is_unset = modifier.size() == 2;
  const bool is_pattern = kind == '#' || kind == '%';
  if (std::string_view("+-?#%").find(kind) == std::string_view::npos || (null_is_unset && is_pattern))
    return syntax_error(fmt::format("unsupported modifier \"{}\" in a substitution", modifier));
  BUILDLAB_ASSIGN(const Lexed inner,
                  nested('}', is_pattern ? Marks::kept : Marks::removed, "a \"${\" is not closed by \"}\""));
  const std::string& word = inner.text;
  const std::optional<std::string> value = m_lookup(name);
  if (!value && m_options.unset == UnsetVariable::left_as_written)
    return fmt::format("${{{}{}{}}}", name, modifier, word);
  const bool is_set = value && !(null_is_unset && value->empty());
  if (kind == '-') return is_set ? *value : word;
  if (kind == '+') return is_set ? word : "";
  if (kind == '?') {
    if (is_set) return *value;
    const char* reason = value ? "is not allowed to be empty" : "is not allowed to be unset";
    return syntax_error(fmt::format("{}: {}", name, word.empty() ? reason : word));
  }
  const bool greedy = word.starts_with(kind);
  return strip_pattern(value.value_or(""), std::string_view(word).substr(greedy ? 1 : 0),
                       kind == '#' ? End::front : End::back, greedy ? Length::longest : Length::shortest);
}

Result<std::string> Lexer::with_replacement(const std::string& name) {
  const bool all = is_next('/');
  if (all) ++m_at;
  BUILDLAB_ASSIGN(const Lexed pattern, nested('/', Marks::kept, "a \"/\" is missing in a \"${\""));
  BUILDLAB_ASSIGN(const Lexed replacement, nested('}', Marks::kept, "a \"${\" is not closed by \"}\""));
  const std::optional<std::string> value = m_lookup(name);
  if (!value && m_options.unset == UnsetVariable::left_as_written)
    return fmt::format("${{{}/{}/{}}}", name, pattern.text, replacement.text);
  return replace_pattern(value.value_or(""), pattern.text, replacement.text,
                         all ? Occurrences::all : Occurrences::first);
}

}  // namespace

Result<Lexed> lex(std::string_view source, const LexOptions& options, const Lookup& lookup) {
  return Lexer(source, options, lookup).until(std::nullopt, options.escapes);
}

}  // namespace buildlab::dockerfile
