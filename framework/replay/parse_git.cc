#include "framework/replay/parse_git.h"

#include <fmt/format.h>
#include <charconv>
#include <set>

#include "framework/base/text.h"

namespace buildlab::replay {
namespace {

// The rest of the text behind the first `separator`, which is taken off with what stands before it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? std::optional(number)
                                                                             : std::nullopt;
}

// "committer Name <mail> 1700000000 +0100": the number before the last blank.
WallTime time_of(std::string_view line) {
  const std::size_t zone = line.rfind(' ');
  if (zone == std::string_view::npos) return {};
  const std::string_view before = line.substr(0, zone);
  const auto seconds = number_of<std::int64_t>(before.substr(before.rfind(' ') + 1));
  constexpr std::int64_t k_year_2200 = 7'258'118'400;
  if (!seconds || *seconds < 0 || *seconds > k_year_2200) return {};
  return WallTime(std::chrono::seconds(*seconds));
}

std::optional<TreeEntry::Kind> kind_of(std::string_view mode) {
  if (mode == "100755") return TreeEntry::Kind::executable;
  if (mode == "120000") return TreeEntry::Kind::link;
  if (mode == "160000") return TreeEntry::Kind::submodule;
  if (mode.starts_with("100")) return TreeEntry::Kind::file;
  return std::nullopt;
}

bool is_safe(std::string_view path) {
  if (path.empty()) return false;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == "." || part == ".." || to_lower(part) == ".git") return false;
  }
  return true;
}

tl::unexpected<Error> unsafe(std::string_view path, std::string_view why) {
  return fail(ErrorKind::build_failed,
              fmt::format("the commit's tree holds \"{}\", {}", one_line(path, 120), why));
}

// nullopt for what lies outside of the prefix.
Result<std::optional<TreeEntry>> parse_entry(std::string_view line, std::string_view prefix) {
  const std::string_view mode = take_until(line, ' ');
  take_until(line, ' ');
  TreeEntry entry;
  entry.object = take_until(line, ' ');
  const std::string_view size = trim(take_until(line, '\t'));
  if (!line.starts_with(prefix)) return std::optional<TreeEntry>();
  entry.path = line.substr(prefix.size());
  const auto kind = kind_of(mode);
  if (!kind) return unsafe(entry.path, fmt::format("of the unknown mode {}", one_line(mode, 20)));
  if (!is_safe(entry.path)) return unsafe(entry.path, "which no path may be");
  entry.kind = *kind;
  if (*kind != TreeEntry::Kind::submodule) {
    const auto bytes = number_of<std::uint64_t>(size);
    if (!bytes) {
      return fail(ErrorKind::infrastructure,
                  fmt::format("the content of \"{}\" is not in this clone", one_line(entry.path, 120)),
                  {"it is a partial clone: fetch what is missing (git fetch --refetch --no-filter), or "
                   "replay a full clone"});
    }
    entry.size = *bytes;
  }
  return std::optional(std::move(entry));
}

}  // namespace

std::vector<PathChange> parse_raw_diff(std::string_view text) {
  std::vector<PathChange> changes;
  while (!text.empty()) {
    std::string_view facts = take_until(text, '\0');  // ":100644 100755 OLD NEW M"
    take_until(facts, ' ');
    take_until(facts, ' ');
    const std::string_view before = take_until(facts, ' ');
    const std::string_view after = take_until(facts, ' ');
    changes.push_back({std::string(take_until(text, '\0')), before != after});
  }
  return changes;
}

std::vector<Commit> parse_rev_list(std::string_view text) {
  std::vector<Commit> commits;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    Commit commit;
    commit.id = take_until(line, ' ');
    if (commit.id.empty()) continue;
    if (!line.empty()) commit.parent = std::string(take_until(line, ' '));
    commits.push_back(std::move(commit));
  }
  return commits;
}

void read_commit_object(std::string_view object, Commit& commit) {
  while (!object.empty()) {
    const std::string_view line = take_until(object, '\n');
    if (line.empty()) break;
    if (line.starts_with("committer ")) commit.committed = time_of(line);
  }
  while (!object.empty() && commit.subject.empty()) commit.subject = trim(take_until(object, '\n'));
}

Result<std::vector<TreeEntry>> parse_ls_tree(std::string_view text, std::string_view prefix) {
  std::vector<TreeEntry> entries;
  std::set<std::string, std::less<>> files;
  std::set<std::string, std::less<>> folders;
  while (!text.empty()) {
    BUILDLAB_ASSIGN(std::optional<TreeEntry> entry, parse_entry(take_until(text, '\0'), prefix));
    if (!entry) continue;
    if (!files.insert(entry->path).second) return unsafe(entry->path, "twice");
    for (std::size_t at = entry->path.find('/'); at != std::string::npos; at = entry->path.find('/', at + 1))
      folders.insert(entry->path.substr(0, at));
    entries.push_back(std::move(*entry));
  }
  for (const std::string& folder : folders) {
    if (files.contains(folder)) return unsafe(folder, "as a file and as a folder");
  }
  return entries;
}

Result<BatchObject> take_batch_object(std::string_view& text) {
  std::string_view header = take_until(text, '\n');
  BatchObject object;
  object.id = take_until(header, ' ');
  const std::string_view type = take_until(header, ' ');
  if (type == "missing") {
    object.missing = true;
    return object;
  }
  const auto size = number_of<std::size_t>(header);
  if (!size || *size >= text.size())
    return fail(ErrorKind::infrastructure, "git cat-file: its answer is cut off");
  object.content = text.substr(0, *size);
  text.remove_prefix(*size + 1);
  return object;
}

}  // namespace buildlab::replay
