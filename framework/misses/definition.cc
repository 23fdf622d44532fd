#include "framework/misses/definition.h"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include "framework/base/redact.h"
#include "framework/base/text.h"

namespace buildlab::misses {
namespace {

constexpr std::size_t k_value_bytes = 60;
constexpr std::size_t k_named_changes = 3;

std::string shown(std::string_view value) {
  return one_line(redact_url_credentials(std::string(value)), k_value_bytes);
}

// "NAME" of "NAME=value"; "" for any other line.
std::string_view variable_of(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos || equals == 0) return {};
  const std::string_view name = line.substr(0, equals);
  const bool is_name = std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
  return is_name ? name : std::string_view();
}

// "USER" of "USER app": a setting that stands before the step.
std::string setting_of(std::string_view line) {
  const std::string keyword = to_lower(line.substr(0, line.find(' ')));
  return keyword == "shell" || keyword == "user" || keyword == "workdir" ? keyword : "";
}

// What two lines of definitions are both about.
std::string subject_of(std::string_view line) {
  if (const std::string_view name = variable_of(line); !name.empty()) return fmt::format("variable {}", name);
  const std::string setting = setting_of(line);
  if (setting.empty()) return "";
  return setting == "workdir" ? "folder" : setting;
}

std::string value_of(std::string_view line) {
  if (const std::string_view name = variable_of(line); !name.empty())
    return shown(line.substr(name.size() + 1));
  const std::size_t blank = line.find(' ');
  return blank == std::string_view::npos ? "" : shown(line.substr(blank + 1));
}

using Lines = std::vector<std::string_view>;

Lines only_in(const Lines& lines, const Lines& other) {
  Lines result;
  for (const std::string_view line : lines) {
    if (std::find(other.begin(), other.end(), line) == other.end()) result.push_back(line);
  }
  return result;
}

std::string_view with_subject(const Lines& lines, const std::string& subject) {
  const auto found = std::find_if(lines.begin(), lines.end(),
                                  [&](std::string_view line) { return subject_of(line) == subject; });
  return found == lines.end() ? std::string_view() : *found;
}

}  // namespace

std::optional<std::string> changed_definition(const invalidation::StepNode& before,
                                              const invalidation::StepNode& now) {
  if (before.definition == now.definition) return std::nullopt;
  const Lines old_lines = split(before.definition, '\n');
  const Lines new_lines = split(now.definition, '\n');
  // The first line is the instruction itself, with the variables of COPY, ADD and WORKDIR put in.
  if (old_lines.front() != new_lines.front())
    return fmt::format("it is {} now and was {}", shown(new_lines.front()), shown(old_lines.front()));
  const Lines gone = only_in(old_lines, new_lines);
  const Lines come = only_in(new_lines, old_lines);
  std::vector<std::string> changes;
  bool other = false;
  for (const std::string_view line : come) {
    const std::string subject = subject_of(line);
    other = other || subject.empty();
    if (subject.empty()) continue;
    const std::string_view was = with_subject(gone, subject);
    changes.push_back(was.empty() ? fmt::format("{} = {} is new", subject, value_of(line))
                                  : fmt::format("{}: {} -> {}", subject, value_of(was), value_of(line)));
  }
  for (const std::string_view line : gone) {
    const std::string subject = subject_of(line);
    other = other || subject.empty();
    if (!subject.empty() && with_subject(come, subject).empty())
      changes.push_back(fmt::format("{} is gone", subject));
  }
  if (other || changes.empty()) return "its inline text, variables, shell, user or folder changed";
  std::string text;
  for (std::size_t i = 0; i < std::min(changes.size(), k_named_changes); ++i)
    text += (i == 0 ? "" : ", ") + changes[i];
  if (changes.size() > k_named_changes) text += fmt::format(" and {} more", changes.size() - k_named_changes);
  return text;
}

}  // namespace buildlab::misses
