#include "framework/dockerfile/instruction.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/dockerfile/characters.h"
#include "framework/dockerfile/shell_lex.h"

namespace buildlab::dockerfile {
namespace {

const std::vector<std::string>& known_keywords() {
  static const std::vector<std::string> k_keywords = {
      "ADD",   "ARG",        "CMD",     "COPY", "ENTRYPOINT", "ENV",        "EXPOSE", "FROM",   "HEALTHCHECK",
      "LABEL", "MAINTAINER", "ONBUILD", "RUN",  "SHELL",      "STOPSIGNAL", "USER",   "VOLUME", "WORKDIR"};
  return k_keywords;
}

std::string to_upper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  return upper;
}

struct Split {
  std::string_view keyword;
  std::string_view rest;
};

Split split_keyword(std::string_view line) {
  line = without_outer_space(line);
  std::size_t end = 0;
  while (end < line.size() && !is_separator(line[end])) ++end;
  std::size_t rest = end;
  while (rest < line.size() && is_separator(line[rest])) ++rest;
  return {line.substr(0, end), line.substr(rest)};
}

// Leading "--words", with quotes and escapes removed; `rest` is moved behind them. A "--" alone ends them.
std::vector<std::string> take_flags(std::string_view& rest, char escape) {
  std::vector<std::string> flags;
  while (true) {
    rest = without_leading_space(rest);
    if (!rest.starts_with("--")) return flags;
    std::string flag;
    bool quoted = false;
    char quote = '\0';  // none
    std::size_t at = 0;
    for (; at < rest.size(); ++at) {
      const char c = rest[at];
      if (quote == '\0' && is_space(static_cast<unsigned char>(c))) break;
      if (quote != '\0' ? c == quote : (c == '\'' || c == '"')) {
        quote = quote != '\0' ? '\0' : c;
        quoted = true;
      } else if (c == escape) {
        if (at + 1 < rest.size()) flag += rest[++at];
      } else {
        flag += c;
      }
    }
    rest.remove_prefix(at);
    if (flag == "--") return flags;
    if (quoted || !flag.empty()) flags.push_back(std::move(flag));
  }
}

// Words with their quotes and escapes kept, as ENV, LABEL and ARG have them.
std::vector<std::string> quoted_words(std::string_view rest, char escape) {
  std::vector<std::string> words;
  std::string word;
  bool any = false;
  std::optional<char> quote;
  const auto finish = [&] {
    if (any) words.push_back(std::move(word));
    word.clear();
    any = false;
  };
  for (std::size_t at = 0; at < rest.size();) {
    const Character character = character_at(rest, at);
    const char c = rest[at];
    if (!quote && is_space(character.code)) {
      finish();
    } else {
      any = true;
      if (c == escape && quote != '\'') {
        if (at + 1 == rest.size()) break;
        word += c;
        ++at;
        word += rest.substr(at, character_at(rest, at).size);
        at += character_at(rest, at).size;
        continue;
      }
      if (quote == c) {
        quote.reset();
      } else if (!quote && (c == '\'' || c == '"')) {
        quote = c;
      }
      word += rest.substr(at, character.size);
    }
    at += character.size;
  }
  if (any && word.empty()) any = false;
  finish();
  return words;
}

std::vector<std::string> separated_words(std::string_view rest) {
  std::vector<std::string> words;
  std::size_t start = 0;
  for (std::size_t at = 0; at <= rest.size(); ++at) {
    if (at < rest.size() && !is_separator(rest[at])) continue;
    if (at > start) words.emplace_back(rest.substr(start, at - start));
    start = at + 1;
  }
  return words;
}

bool looks_like_json(std::string_view rest) {
  return without_leading_space(rest).starts_with('[');
}

// The exec form's words; nullopt when it is no JSON array, which BuildKit then takes as text. An array that
// holds anything but strings is an error.
Result<std::optional<std::vector<std::string>>> exec_form(std::string_view rest) {
  using Words = std::optional<std::vector<std::string>>;
  if (!looks_like_json(rest)) return Words();
  const auto json = parse_json(rest, "exec form", ErrorKind::usage);
  if (!json || !json->is_array()) return Words();
  std::vector<std::string> words;
  for (const Json& word : *json) {
    if (!word.is_string()) return fail(ErrorKind::usage, "an array in JSON form may hold strings only");
    words.push_back(word.get<std::string>());
  }
  return Words(std::move(words));
}

Result<std::vector<std::string>> arguments_of(std::string_view keyword, std::string_view rest, char escape) {
  static const std::vector<std::string_view> k_shell_or_exec = {"RUN", "CMD", "ENTRYPOINT", "SHELL"};
  static const std::vector<std::string_view> k_list_or_exec = {"COPY", "ADD", "VOLUME"};
  static const std::vector<std::string_view> k_whole = {"WORKDIR", "USER", "STOPSIGNAL", "MAINTAINER",
                                                        "ONBUILD"};
  static const std::vector<std::string_view> k_quoted = {"ARG", "ENV", "LABEL"};
  const auto is_one_of = [&](const auto& list) {
    return std::find(list.begin(), list.end(), keyword) != list.end();
  };
  if (rest.empty()) return std::vector<std::string>();
  if (is_one_of(k_whole)) return std::vector<std::string>{std::string(rest)};
  if (is_one_of(k_quoted)) return quoted_words(rest, escape);
  if (keyword == "HEALTHCHECK") {
    const Split parts = split_keyword(rest);
    std::vector<std::string> words{std::string(parts.keyword)};
    BUILDLAB_ASSIGN(auto exec, exec_form(parts.rest));
    if (exec) {
      words.insert(words.end(), exec->begin(), exec->end());
    } else if (!parts.rest.empty()) {
      words.emplace_back(parts.rest);
    }
    return words;
  }
  if (is_one_of(k_shell_or_exec) || is_one_of(k_list_or_exec)) {
    BUILDLAB_ASSIGN(auto exec, exec_form(rest));
    if (exec) return std::move(*exec);
    if (is_one_of(k_shell_or_exec)) return std::vector<std::string>{std::string(rest)};
  }
  return separated_words(rest);
}

bool is_exec_form(std::string_view rest) {
  const auto exec = exec_form(rest);
  return exec && exec->has_value();
}

// BuildKit reads this pattern: ^(\d*)<<(-?)\s*([^<]*)$
std::optional<HeredocMark> heredoc_mark(std::string_view word) {
  while (!word.empty() && word.front() >= '0' && word.front() <= '9') word.remove_prefix(1);
  if (!word.starts_with("<<")) return std::nullopt;
  word.remove_prefix(2);
  HeredocMark mark;
  if (word.starts_with('-')) {
    mark.strip_tabs = true;
    word.remove_prefix(1);
  }
  while (!word.empty() && (is_separator(word.front()) || word.front() == '\n')) word.remove_prefix(1);
  if (word.empty() || word.find('<') != std::string_view::npos) return std::nullopt;
  mark.terminator = word;
  return mark;
}

}  // namespace

Result<Instruction> parse_instruction(const LogicalLine& line, char escape) {
  Split parts = split_keyword(line.exact);
  Instruction instruction;
  instruction.keyword = to_upper(parts.keyword);
  instruction.text = line.text;
  instruction.lines = line.lines;
  const auto& known = known_keywords();
  if (std::find(known.begin(), known.end(), instruction.keyword) == known.end()) {
    const auto meant = nearest(instruction.keyword, known);
    return fail(ErrorKind::usage, fmt::format("unknown instruction \"{}\"{}", one_line(parts.keyword, 60),
                                              meant ? fmt::format(", did you mean {}?", *meant) : ""));
  }
  instruction.flags = take_flags(parts.rest, escape);
  BUILDLAB_ASSIGN(instruction.arguments,
                  arguments_of(instruction.keyword, without_outer_space(parts.rest), escape));
  return instruction;
}

Result<std::vector<HeredocMark>> heredocs_of(const Instruction& instruction, const LogicalLine& line,
                                             char escape) {
  std::vector<HeredocMark> marks;
  if (line.exact.find("<<") == std::string::npos) return marks;
  const std::string* keyword = &instruction.keyword;
  std::string_view rest = split_keyword(line.exact).rest;
  take_flags(rest, escape);
  std::string inner_keyword;
  if (*keyword == "ONBUILD") {
    const Split inner = split_keyword(rest);
    inner_keyword = to_upper(inner.keyword);
    keyword = &inner_keyword;
    rest = inner.rest;
    take_flags(rest, escape);
  }
  if (*keyword != "RUN" && *keyword != "COPY" && *keyword != "ADD") return marks;
  if (is_exec_form(rest)) return marks;

  // The escape is '\' here whatever the directive says.
  const Lookup no_variables = [](std::string_view) { return std::optional<std::string>(); };
  const LexOptions as_written{'\\', Marks::kept, Marks::kept, UnsetVariable::left_as_written};
  const auto words = lex(line.exact, as_written, no_variables);
  if (!words) return marks;
  for (const std::string& word : words->words) {
    auto mark = heredoc_mark(word);
    if (!mark) continue;
    const LexOptions plain{'\\', Marks::removed, Marks::removed, UnsetVariable::left_as_written};
    BUILDLAB_ASSIGN(Lexed name, lex(mark->terminator, plain, no_variables));
    if (name.words.size() != 1) continue;
    mark->terminator = std::move(name.words.front());
    marks.push_back(std::move(*mark));
  }
  return marks;
}

std::optional<Instruction> triggered_by(const Instruction& instruction, char escape) {
  if (instruction.keyword != "ONBUILD" || instruction.arguments.empty()) return std::nullopt;
  const std::string& text = instruction.arguments.front();
  auto inner = parse_instruction({text, text, instruction.lines}, escape);
  if (!inner) return std::nullopt;
  inner->heredocs = instruction.heredocs;
  return std::move(*inner);
}

}  // namespace buildlab::dockerfile
