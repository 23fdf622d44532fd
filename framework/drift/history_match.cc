// Rules: frontend/dockerfile/dockerfile2llb of BuildKit v0.32.2, what each dispatch…() gives
// commitToHistory().
#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <vector>

#include "framework/base/text.h"
#include "framework/drift/history.h"

namespace buildlab::drift {
namespace {

using dockerfile::Instruction;

constexpr std::string_view k_mask = "***";

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Without blanks and backslashes: how lines were continued or indented is no difference. Without all but
// ASCII: bytes of the Dockerfile that are not UTF-8 are others in a history.
std::string bare(std::string_view text) {
  std::string result;
  std::copy_if(text.begin(), text.end(), std::back_inserter(result),
               [](char c) { return !is_blank(c) && c != '\\' && static_cast<unsigned char>(c) < 0x80; });
  return result;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (auto at = text.begin(); at != text.end();) {
    const auto begin = std::find_if_not(at, text.end(), is_blank);
    at = std::find_if(begin, text.end(), is_blank);
    if (begin != at)
      words.push_back(
          text.substr(static_cast<std::size_t>(begin - text.begin()), static_cast<std::size_t>(at - begin)));
  }
  return words;
}

// What follows the keyword, without the mark that BuildKit sets behind; nullopt for another keyword.
std::optional<std::string_view> after_keyword(std::string_view created_by, std::string_view keyword) {
  constexpr std::string_view k_mark = " # buildkit";
  if (!created_by.starts_with(keyword)) return std::nullopt;
  created_by.remove_prefix(keyword.size());
  if (!created_by.empty() && !is_blank(created_by.front())) return std::nullopt;
  if (created_by.ends_with(k_mark)) created_by.remove_suffix(k_mark.size());
  return created_by;
}

// "EOF" of "<<EOF", "3<<-'EOF'"; nullopt for a word that begins no heredoc.
std::optional<std::string> end_mark(std::string_view word) {
  while (!word.empty() && word.front() >= '0' && word.front() <= '9') word.remove_prefix(1);
  if (!word.starts_with("<<")) return std::nullopt;
  word.remove_prefix(word.starts_with("<<-") ? 3 : 2);
  if (word.empty() || word.find('<') != std::string_view::npos) return std::nullopt;
  std::string mark = bare(word);
  std::erase_if(mark, [](char c) { return c == '"' || c == '\''; });
  return mark;
}

// What the shell is given of a RUN with heredocs, as far as the history has it; nullopt where it is not
// known.
std::optional<std::string> command_of_heredocs(const Instruction& run) {
  const std::string_view argument = run.arguments.empty() ? "" : trim(run.arguments.front());
  const std::vector<std::string_view> words = words_of(argument);
  std::vector<std::string> marks;
  for (const std::string_view word : words) {
    if (auto mark = end_mark(word)) marks.push_back(std::move(*mark));
  }
  if (marks.size() != run.heredocs.size()) return std::nullopt;
  if (words.size() == 1) {
    // The body is the command; one with an interpreter of its own is run as a file.
    const std::string& body = run.heredocs.front();
    return trim(body).starts_with("#!") ? "/dev/pipes/" + marks.front() : bare(body);
  }
  std::string command = bare(argument);
  for (std::size_t i = 0; i < marks.size(); ++i) command += bare(run.heredocs[i]) + marks[i];
  return command;
}

// Provenance that Build Lab keeps has a mask in place of secrets, and the image has them as they are: then
// what stands around the last mask is compared.
bool ends_with_masked(std::string_view told, std::string_view command) {
  if (told.ends_with(command)) return true;
  const std::size_t mask = command.rfind(k_mask);
  if (mask == std::string_view::npos || !told.ends_with(command.substr(mask + k_mask.size()))) return false;
  std::string_view before = command.substr(0, mask);
  if (const std::size_t other = before.rfind(k_mask); other != std::string_view::npos)
    before.remove_prefix(other + k_mask.size());
  constexpr std::size_t k_enough = 256;  // to search for more takes long in texts made for it
  if (before.size() > k_enough) before.remove_prefix(before.size() - k_enough);
  return told.find(before) != std::string_view::npos;
}

// Build arguments and the shell stand before the command, so only its end has to be the same.
bool ends_with_command(const Instruction& run, std::string_view told) {
  if (!run.heredocs.empty()) {
    const auto command = command_of_heredocs(run);
    return command && ends_with_masked(bare(told), *command);
  }
  std::string command;
  for (const std::string& argument : run.arguments) command += bare(argument);
  return ends_with_masked(bare(told), command);
}

// Not changed by variables, quotes and escapes, nor masked.
bool is_literal(std::string_view word) {
  return !word.starts_with("<<") && word.find(k_mask) == std::string_view::npos &&
         std::none_of(word.begin(), word.end(), [](char c) {
           return is_blank(c) || c == '$' || c == '"' || c == '\'' || c == '\\' || c == '`';
         });
}

bool has_literal_words(const Instruction& copy, std::string_view told) {
  const std::vector<std::string_view> all = words_of(told);
  const std::set<std::string_view> words(all.begin(), all.end());
  return std::all_of(copy.arguments.begin(), copy.arguments.end(),
                     [&](const std::string& word) { return !is_literal(word) || words.contains(word); });
}

// "c" of "/a/b/c/".
std::string_view last_name(std::string_view path) {
  path = trim(path);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);
}

// BuildKit tells the whole path, where the Dockerfile may have the end of it.
bool ends_with_folder(const Instruction& workdir, std::string_view told) {
  if (workdir.arguments.empty() || !is_literal(workdir.arguments.front())) return true;
  const std::string_view name = last_name(workdir.arguments.front());
  return name.empty() || name == "." || name == ".." || last_name(told) == name;
}

}  // namespace

bool has_written(const Instruction& instruction, const HistoryEntry& entry) {
  const auto told = after_keyword(entry.created_by, instruction.keyword);
  if (!told) return false;
  if (instruction.keyword == "RUN") return entry.has_layer && ends_with_command(instruction, *told);
  if (instruction.keyword == "COPY" || instruction.keyword == "ADD")
    return entry.has_layer && has_literal_words(instruction, *told);
  // Of "/" there is no layer.
  if (instruction.keyword == "WORKDIR") return ends_with_folder(instruction, *told);
  return !entry.has_layer;
}

}  // namespace buildlab::drift
