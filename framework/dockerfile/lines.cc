// Rules: frontend/dockerfile/parser of BuildKit v0.32.2, also where they surprise.
#include "framework/dockerfile/lines.h"

#include <fmt/format.h>

#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/dockerfile/characters.h"

namespace buildlab::dockerfile {
namespace {

constexpr std::size_t k_max_line_bytes = 65535;
constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";

struct Directive {
  std::string name;
  std::string value;
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "# name = value"; nullopt for everything else, also names that BuildKit does not know.
std::optional<Directive> parse_directive(std::string_view line, std::string_view comment) {
  if (!line.starts_with(comment)) return std::nullopt;
  line = without_leading_space(line.substr(comment.size()));
  std::size_t end = 0;
  while (end < line.size() && (is_letter(line[end]) || (end > 0 && is_digit(line[end])))) ++end;
  Directive directive{to_lower(line.substr(0, end)), ""};
  if (directive.name != "syntax" && directive.name != "escape" && directive.name != "check")
    return std::nullopt;
  line = trim(line.substr(end)).empty() ? std::string_view() : line.substr(end);
  const auto equals = line.find_first_not_of(" \t\r\f\v");
  if (equals == std::string_view::npos || line[equals] != '=') return std::nullopt;
  line = line.substr(equals + 1);
  if (line.empty()) return std::nullopt;
  directive.value = trim(line);
  // A value of nothing but blanks is one blank.
  if (directive.value.empty()) directive.value = " ";
  return directive;
}

std::string_view take_line(std::string_view& rest) {
  const auto newline = rest.find('\n');
  const std::string_view line = rest.substr(0, newline == std::string_view::npos ? rest.size() : newline + 1);
  rest.remove_prefix(line.size());
  return line;
}

std::string_view without_newline(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

bool is_comment(std::string_view line) {
  line = without_leading_space(line);
  return !line.empty() && line.front() == '#';
}

std::optional<std::string> syntax_in(std::string_view text, std::string_view comment) {
  std::set<std::string> seen;
  while (!text.empty()) {
    const auto directive = parse_directive(without_newline(take_line(text)), comment);
    if (!directive || !seen.insert(directive->name).second) return std::nullopt;
    if (directive->name == "syntax") return directive->value.substr(0, directive->value.find(' '));
  }
  return std::nullopt;
}

// Appends a continuation for people to read: the white space at the join becomes one blank.
void join_readably(std::string& text, std::string_view next) {
  const std::string_view trimmed = without_leading_space(next);
  const std::string_view head =
      without_outer_space(text).empty() ? std::string_view() : std::string_view(text);
  std::string_view kept = head;
  while (!kept.empty() && (is_separator(kept.back()))) kept.remove_suffix(1);
  const bool blank = kept.size() != text.size() || trimmed.size() != next.size();
  std::string joined(kept);
  if (blank && !joined.empty() && !trimmed.empty()) joined += ' ';
  joined += trimmed;
  text = std::move(joined);
}

}  // namespace

LineReader::LineReader(std::string_view text, std::string_view name) : m_rest(text), m_name(name) {
  if (m_rest.starts_with(k_byte_order_mark)) m_rest.remove_prefix(k_byte_order_mark.size());
}

tl::unexpected<Error> LineReader::error(int line, std::string_view what) const {
  return fail(ErrorKind::usage, fmt::format("{}:{}: {}", m_name, line, what));
}

Result<std::optional<LineReader::Physical>> LineReader::physical() {
  if (m_rest.empty()) return std::optional<Physical>();
  const std::string_view whole = take_line(m_rest);
  ++m_line;
  const std::size_t bytes = whole.size() - (whole.ends_with('\n') ? 1 : 0);
  if (bytes > k_max_line_bytes) {
    return error(m_line,
                 fmt::format("the line has {} bytes, BuildKit takes at most {}; split it with a continuation",
                             bytes, k_max_line_bytes));
  }
  return Physical{whole, without_newline(whole)};
}

Status LineReader::directive(std::string_view line) {
  if (m_directives_over) return {};
  const auto found = parse_directive(line, "#");
  if (!found) {
    m_directives_over = true;
    return {};
  }
  if (!m_directives.insert(found->name).second)
    return error(m_line, fmt::format("only one {} directive can be used", found->name));
  if (found->name != "escape") return {};
  if (found->value != "\\" && found->value != "`")
    return error(m_line,
                 fmt::format("the escape directive takes \\ or `, not \"{}\"", one_line(found->value, 40)));
  m_escape = found->value.front();
  return {};
}

std::optional<std::string_view> LineReader::continued(std::string_view line) const {
  std::string_view head = line;
  while (!head.empty() && (head.back() == ' ' || head.back() == '\t')) head.remove_suffix(1);
  if (head.empty() || head.back() != m_escape) return std::nullopt;
  head.remove_suffix(1);
  // An escape before it makes it an ordinary character.
  if (!head.empty() && head.back() == m_escape) return std::nullopt;
  return head;
}

Result<std::optional<LogicalLine>> LineReader::next() {
  while (true) {
    BUILDLAB_ASSIGN(const std::optional<Physical> first, physical());
    if (!first) return std::optional<LogicalLine>();
    const std::string_view start = without_leading_space(first->text);
    BUILDLAB_TRY(directive(start));
    const std::string_view text = is_comment(start) ? std::string_view() : start;
    std::optional<std::string_view> head = continued(text);
    if (!head && text.empty()) continue;

    LogicalLine line;
    line.lines = {m_line, m_line};
    line.exact = head.value_or(text);
    line.text = line.exact;
    while (head) {
      BUILDLAB_ASSIGN(const std::optional<Physical> more, physical());
      if (!more) break;
      if (is_comment(more->text) || without_leading_space(more->text).empty()) continue;
      head = continued(more->text);
      line.exact += head.value_or(more->text);
      join_readably(line.text, head.value_or(more->text));
    }
    line.lines.last = m_line;
    if (without_outer_space(line.exact).empty()) {
      return error(line.lines.first, "a continuation without an instruction");
    }
    line.text = std::string(without_outer_space(line.text));
    return line;
  }
}

Result<std::string> LineReader::heredoc_body(std::string_view terminator, bool strip_tabs, LineRange& lines) {
  std::string body;
  while (true) {
    BUILDLAB_ASSIGN(const std::optional<Physical> line, physical());
    if (!line) {
      return error(lines.first, fmt::format("the heredoc <<{} has no line \"{}\" that ends it",
                                            one_line(terminator, 60), one_line(terminator, 60)));
    }
    std::string_view end = line->text;
    while (strip_tabs && end.starts_with('\t')) end.remove_prefix(1);
    lines.last = m_line;
    if (end == terminator) return body;
    body += line->whole;
  }
}

std::optional<std::string> find_syntax(std::string_view text) {
  if (text.starts_with(k_byte_order_mark)) text.remove_prefix(k_byte_order_mark.size());
  if (text.starts_with("#!")) take_line(text);
  if (auto found = syntax_in(text, "#")) return found;
  if (auto found = syntax_in(text, "//")) return found;
  if (!without_leading_space(text).starts_with('{')) return std::nullopt;
  const auto json = parse_json(text, "Dockerfile", ErrorKind::usage);
  if (!json || !json->is_object()) return std::nullopt;
  const auto syntax = json->find("syntax");
  if (syntax == json->end() || !syntax->is_string()) return std::nullopt;
  return syntax->get<std::string>();
}

}  // namespace buildlab::dockerfile
