#include "framework/misses/files.h"

#include <fmt/format.h>
#include <algorithm>
#include <string_view>

#include "framework/base/text.h"
#include "framework/misses/modes.h"

namespace buildlab::misses {
namespace {

constexpr std::size_t k_named = 3;
constexpr std::size_t k_path_bytes = 120;

struct Found {
  std::vector<std::string> content = {};
  std::vector<std::string> metadata = {};
  std::vector<std::string> mends = {};
  std::vector<ModeChange> modes = {};
};

std::string for_shell(std::string_view word) {
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-/+,=@").find(c) != std::string_view::npos;
  });
  if (plain && !word.empty()) return std::string(word);
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

// A path that no program takes for an option.
std::string path_for_shell(std::string_view path) {
  return for_shell(path.starts_with('-') ? "./" + std::string(path) : std::string(path));
}

void compare_mode(std::string_view path, const FileFacts& before, const FileFacts& now, Found& found) {
  if (before.mode == now.mode) return;
  found.metadata.push_back(
      fmt::format("mode of {} {:04o} -> {:04o}", one_line(path, k_path_bytes), before.mode, now.mode));
  found.mends.push_back(fmt::format("chmod {:04o} {}", before.mode, path_for_shell(path)));
  found.modes.push_back({path_for_shell(path), before.mode, now.mode});
}

void compare_attributes(std::string_view path, const FileFacts& before, const FileFacts& now, Found& found) {
  for (const auto& [name, value] : now.attributes) {
    const auto was = before.attributes.find(name);
    if (was == before.attributes.end()) {
      found.metadata.push_back(
          fmt::format("{} has the attribute {} now", one_line(path, k_path_bytes), name));
      found.mends.push_back(fmt::format("setfattr -x {} {}", for_shell(name), path_for_shell(path)));
    } else if (was->second != value) {
      found.metadata.push_back(fmt::format("attribute {} of {} changed", name, one_line(path, k_path_bytes)));
    }
  }
  for (const auto& [name, value] : before.attributes) {
    if (now.attributes.count(name) == 0)
      found.metadata.push_back(fmt::format("{} has no attribute {} now", one_line(path, k_path_bytes), name));
  }
}

void compare(std::string_view path, const FileFacts& before, const FileFacts& now, Found& found) {
  if (before.type != now.type) {
    found.content.push_back(fmt::format("{} is something else now", one_line(path, k_path_bytes)));
    return;
  }
  if (before.content != now.content) found.content.push_back(one_line(path, k_path_bytes));
  if (now.type != 'd') compare_mode(path, before, now, found);
  compare_attributes(path, before, now, found);
}

bool is_read(const std::vector<dockerfile::ContextRead>& reads, std::string_view path) {
  return std::any_of(reads.begin(), reads.end(), [&](const auto& read) { return read.selects(path); });
}

std::string listed(const std::vector<std::string>& texts) {
  std::string text;
  for (std::size_t i = 0; i < std::min(texts.size(), k_named); ++i) text += (i == 0 ? "" : ", ") + texts[i];
  if (texts.size() > k_named) text += fmt::format(" and {} more", texts.size() - k_named);
  return text;
}

// What mends all of it, in one line; "" where that is not known or would be too long.
std::string mend_of(const Found& found) {
  const auto umasks = umasks_of(found.modes);
  const bool only_modes = found.modes.size() == found.metadata.size();
  std::string commands;
  if (found.mends.size() == found.metadata.size() && found.mends.size() <= k_named) {
    for (const std::string& mend : found.mends) commands += (commands.empty() ? "" : " && ") + mend;
  } else if (umasks && only_modes) {
    commands = chmod_like(umasks->before);
  }
  if (commands.empty()) return "";
  std::string text = fmt::format("; `{}` in the context mends it (COPY --chmod does not)", commands);
  if (umasks && only_modes) return text + fmt::format(", umask {:04o} keeps it", umasks->before);
  const std::string in_git = found.modes.size() <= k_named ? git_command(found.modes) : "";
  return in_git.empty() ? text : text + fmt::format(", in git with `{}`", in_git);
}

Miss metadata_miss(const Found& found) {
  std::string detail = listed(found.metadata);
  if (const auto umasks = umasks_of(found.modes); umasks && found.modes.size() == found.metadata.size())
    detail += fmt::format(" (umask {:04o} -> {:04o})", umasks->before, umasks->now);
  return {Reason::input_metadata, detail + mend_of(found)};
}

}  // namespace

std::optional<Miss> changed_files(const std::vector<dockerfile::ContextRead>& reads, const Files& before,
                                  const Files& now) {
  if (reads.empty()) return std::nullopt;
  Found found;
  for (const auto& [path, file] : now) {
    if (!is_read(reads, path)) continue;
    const auto was = before.find(path);
    if (was != before.end()) {
      compare(path, was->second, file, found);
    } else {
      found.content.push_back(fmt::format("{} is new", one_line(path, k_path_bytes)));
    }
  }
  for (const auto& [path, file] : before) {
    if (now.find(path) == now.end() && is_read(reads, path))
      found.content.push_back(fmt::format("{} is gone", one_line(path, k_path_bytes)));
  }
  if (!found.content.empty()) return Miss{Reason::input_content, listed(found.content)};
  if (!found.metadata.empty()) return metadata_miss(found);
  return std::nullopt;
}

std::optional<Miss> changed_folders(const std::vector<dockerfile::ContextRead>& reads, const Files& before,
                                    const Files& now) {
  Found found;
  for (const auto& [path, file] : now) {
    const auto was = before.find(path);
    if (file.type == 'd' && was != before.end() && was->second.type == 'd' && is_read(reads, path))
      compare_mode(path, was->second, file, found);
  }
  if (found.metadata.empty()) return std::nullopt;
  return metadata_miss(found);
}

}  // namespace buildlab::misses
