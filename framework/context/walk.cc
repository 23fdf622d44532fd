#include "framework/context/walk.h"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>

#include "framework/dockerfile/ignore.h"
#include "framework/scenario/context_files.h"

namespace buildlab::context {
namespace {

namespace fs = std::filesystem;
using dockerfile::IgnoreRules;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

Result<std::vector<std::string>> names_in(const fs::path& path) {
  const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
  if (!folder) return system_error("opendir", path, errno);
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr) break;
    const std::string_view name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return system_error("readdir", path, errno);
  std::sort(names.begin(), names.end());
  return names;
}

class ContextWalk {
 public:
  ContextWalk(const CopyOptions& options, const fs::path& destination, IgnoreRules rules)
      : m_source(options.source), m_rules(std::move(rules)) {
    // What the builder needs whatever is ignored, with the folders that lead there.
    keep(options.dockerfile);
    keep(options.dockerfile.string() + ".dockerignore");
    keep(".dockerignore");
    std::error_code code;
    const fs::path source = fs::weakly_canonical(m_source, code);
    for (const fs::path& folder : options.exclude) exclude(source, fs::weakly_canonical(folder, code));
    exclude(source, fs::weakly_canonical(destination, code));
    exclude(source, fs::weakly_canonical(destination.string() + ".index", code));
  }

  Status folder(const std::string& prefix, const IgnoreRules::Verdict& parent) {
    const fs::path path = prefix.empty() ? m_source : m_source / prefix;
    BUILDLAB_ASSIGN(const std::vector<std::string> names, names_in(path));
    for (const std::string& name : names)
      BUILDLAB_TRY(one(prefix.empty() ? name : prefix + "/" + name, parent));
    return {};
  }

  Tree take() {
    std::sort(m_tree.left_out.begin(), m_tree.left_out.end());
    return std::move(m_tree);
  }

 private:
  void keep(const fs::path& path) {
    const fs::path normal = path.lexically_normal();
    m_kept.insert(normal.generic_string());
    for (fs::path folder = normal.parent_path(); !folder.empty(); folder = folder.parent_path())
      m_leading.insert(folder.generic_string());
  }

  void exclude(const fs::path& source, const fs::path& folder) {
    const fs::path relative = folder.lexically_relative(source);
    if (relative.empty() || relative == "." || *relative.begin() == "..") return;
    m_excluded.insert(relative.generic_string());
  }

  Status one(const std::string& path, const IgnoreRules::Verdict& parent) {
    const fs::path full = m_source / path;
    if (m_excluded.count(path) != 0) {
      m_tree.left_out.push_back(path);
      return {};
    }
    const IgnoreRules::Verdict verdict = m_rules.judge(path, parent);
    const bool kept = !verdict.ignored || m_kept.count(path) != 0;
    const bool leads = m_leading.count(path) != 0;
    if (!kept && !leads && !m_rules.has_exceptions()) return {};
    BUILDLAB_ASSIGN(const std::optional<struct stat> info, look_at(full));
    if (!info) return system_error("lstat", full, ENOENT);
    const EntryType type = type_of(*info);
    if (type != EntryType::folder) {
      if (kept) m_tree.entries.push_back({path, type, identity_of(*info)});
      return {};
    }
    // An ignored folder comes along only for what is taken in again below it.
    const std::size_t before = m_tree.entries.size();
    m_tree.entries.push_back({path, type, identity_of(*info)});
    BUILDLAB_TRY(folder(path, verdict));
    if (!kept && m_tree.entries.size() == before + 1) m_tree.entries.pop_back();
    return {};
  }

  fs::path m_source;
  IgnoreRules m_rules;
  std::set<std::string> m_kept;
  std::set<std::string> m_leading;
  std::set<std::string> m_excluded;
  Tree m_tree;
};

Status walk_all(const fs::path& root, const std::string& prefix, std::vector<Entry>& entries) {
  BUILDLAB_ASSIGN(const std::vector<std::string> names, names_in(prefix.empty() ? root : root / prefix));
  for (const std::string& name : names) {
    const std::string path = prefix.empty() ? name : prefix + "/" + name;
    BUILDLAB_ASSIGN(const std::optional<struct stat> info, look_at(root / path));
    if (!info) continue;
    const EntryType type = type_of(*info);
    entries.push_back({path, type, identity_of(*info)});
    if (type != EntryType::folder) continue;
    // A command may have left a folder that its owner cannot enter.
    constexpr mode_t k_owner = 0700;
    if (::geteuid() != 0 && (info->st_mode & k_owner) != k_owner &&
        ::chmod((root / path).c_str(), (info->st_mode & 07777U) | k_owner) != 0)
      return system_error("chmod", root / path, errno);
    BUILDLAB_TRY(walk_all(root, path, entries));
  }
  return {};
}

}  // namespace

Result<Tree> walk_context(const CopyOptions& options, const fs::path& destination) {
  std::error_code code;
  if (!fs::is_directory(options.source, code))
    return fail(ErrorKind::usage, fmt::format("the context {} is no folder", options.source.string()));
  BUILDLAB_ASSIGN(IgnoreRules rules, scenario::load_ignore_rules(options.source, options.dockerfile));
  ContextWalk walk(options, destination, std::move(rules));
  BUILDLAB_TRY(walk.folder("", {}));
  return walk.take();
}

Result<std::vector<Entry>> walk_copy(const fs::path& copy) {
  std::vector<Entry> entries;
  BUILDLAB_ASSIGN(const std::optional<struct stat> info, look_at(copy));
  if (!info) return entries;
  BUILDLAB_TRY(walk_all(copy, "", entries));
  return entries;
}

}  // namespace buildlab::context
