#include "framework/context/restore.h"

#include <fmt/format.h>
#include <cerrno>

#include "framework/base/file.h"
#include "framework/context/walk.h"

namespace buildlab::context {
namespace {

namespace fs = std::filesystem;

bool lies_in(const std::string& path, const std::string& folder) {
  return path == folder ||
         (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

Status make_entry(const fs::path& copy, const fs::path& pristine, const Entry& entry) {
  const fs::path to = copy / entry.path;
  if (entry.type == EntryType::folder) {
    if (::mkdir(to.c_str(), 0700) != 0 && errno != EEXIST) return system_error("mkdir", to, errno);
    return {};
  }
  BUILDLAB_TRY(make_directories(to.parent_path()));
  return copy_entry(pristine / entry.path, to, entry).map([](const Copied&) {});
}

// What the path is in the user's tree, for a copy without an index.
Result<std::vector<Entry>> pristine_entries(const fs::path& pristine, const std::string& path) {
  std::vector<Entry> entries;
  BUILDLAB_ASSIGN(const std::optional<struct stat> info, look_at(pristine / path));
  if (!info) return entries;
  const EntryType type = type_of(*info);
  entries.push_back({path, type, identity_of(*info)});
  if (type != EntryType::folder) return entries;
  BUILDLAB_ASSIGN(std::vector<Entry> inner, walk_copy(pristine / path));
  for (Entry& entry : inner) {
    entry.path = path + "/" + entry.path;
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

Result<fs::path> inside(const fs::path& copy, const fs::path& path, LastLink last) {
  std::error_code code;
  const fs::path root = fs::canonical(copy, code);
  if (code) return system_error("realpath", copy, code.value());
  const fs::path full = root / path;
  fs::path real = last == LastLink::followed
                      ? fs::weakly_canonical(full, code)
                      : fs::weakly_canonical(full.parent_path(), code) / full.filename();
  if (code) return system_error("realpath", full, code.value());
  const fs::path relative = real.lexically_relative(root);
  if (relative.empty() || relative == "." || *relative.begin() == "..") {
    return fail(ErrorKind::usage,
                fmt::format("\"{}\" leads out of the context (to {})", path.string(), real.string()),
                {"name the file itself instead of a link to it"});
  }
  return real;
}

Status restore(const CopyIndex& index, const fs::path& copy, const fs::path& pristine, const fs::path& path) {
  const std::string name = path.generic_string();
  std::vector<Entry> wanted;
  for (auto at = index.lower_bound(name); at != index.end() && at->first.starts_with(name); ++at) {
    if (lies_in(at->first, name)) wanted.push_back({at->first, at->second.type, at->second.source});
  }
  if (index.empty()) {
    BUILDLAB_ASSIGN(wanted, pristine_entries(pristine, name));
  }
  BUILDLAB_ASSIGN(const fs::path full, inside(copy, path, LastLink::kept));
  BUILDLAB_ASSIGN(const std::optional<struct stat> there, look_at(full));
  if (wanted.empty()) return there ? remove_tree(full).map([](bool) {}) : Status();

  bool unchanged = there.has_value();
  if (there && S_ISDIR(there->st_mode)) {
    BUILDLAB_ASSIGN(const std::vector<Entry> present, walk_copy(full));
    unchanged = present.size() + 1 == wanted.size();
  }
  for (const Entry& entry : wanted) {
    if (!unchanged) break;
    const auto indexed = index.find(entry.path);
    BUILDLAB_ASSIGN(const std::optional<struct stat> info, look_at(copy / entry.path));
    unchanged = indexed != index.end() && info && identity_of(*info) == indexed->second.copy.identity;
  }
  if (unchanged) return {};
  if (there) BUILDLAB_TRY(remove_tree(full).map([](bool) {}));
  for (const Entry& entry : wanted) {
    BUILDLAB_ASSIGN(const std::optional<struct stat> source, look_at(pristine / entry.path));
    if (!source) return system_error("lstat", pristine / entry.path, ENOENT);
    BUILDLAB_TRY(make_entry(copy, pristine, {entry.path, entry.type, identity_of(*source)}));
  }
  for (auto entry = wanted.rbegin(); entry != wanted.rend(); ++entry) {
    if (entry->type != EntryType::folder) continue;
    BUILDLAB_TRY(finish_folder(pristine / entry->path, copy / entry->path, *entry).map([](const Copied&) {}));
  }
  return {};
}

}  // namespace buildlab::context
