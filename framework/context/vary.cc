#include "framework/context/vary.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <vector>

#include "framework/base/file.h"
#include "framework/base/time.h"
#include "framework/context/entry.h"
#include "framework/context/walk.h"

namespace buildlab::context {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t k_owner_writes = 0200;
constexpr std::uint32_t k_group_writes = 0020;
// Ids that no distribution gives to anybody.
constexpr uid_t k_other_user = 12'345;
constexpr gid_t k_other_group = 23'456;

bool has_mode(const Entry& entry) {
  return entry.type == EntryType::file || entry.type == EntryType::folder;
}

// Names in the order in which the file system gives them.
Result<std::vector<std::string>> listing(const fs::path& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (!open) return system_error("opendir", folder, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return system_error("readdir", folder, errno);
  return names;
}

class VariedCopy {
 public:
  VariedCopy(const fs::path& from, const fs::path& to, const CopyChanges& changes)
      : m_from(from), m_to(to), m_changes(changes) {}

  Result<CopyRefusals> make();

 private:
  Status copy(const std::vector<Entry>& entries);
  Status change(const Entry& entry) const;
  std::uint32_t new_mode(std::uint32_t mode) const;
  Result<bool> lists_otherwise(const std::vector<Entry>& entries) const;

  fs::path m_from;
  fs::path m_to;
  CopyChanges m_changes;
  bool m_group_writes_now = false;
  std::int64_t m_time = 0;
};

std::uint32_t VariedCopy::new_mode(std::uint32_t mode) const {
  if (!m_changes.umask || (mode & k_owner_writes) == 0) return mode;
  return m_group_writes_now ? mode & ~k_group_writes : mode | k_group_writes;
}

// Folders first, each before what is in it; then the rest, from the last name to the first where the order is
// to be another.
Status VariedCopy::copy(const std::vector<Entry>& entries) {
  std::vector<const Entry*> order;
  for (const Entry& entry : entries) order.push_back(&entry);
  if (m_changes.order) {
    // Siblings in reverse, parents still first: a path's parent is shorter than the path.
    std::stable_sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
      const auto depth = [](const Entry* e) { return std::count(e->path.begin(), e->path.end(), '/'); };
      return depth(a) != depth(b) ? depth(a) < depth(b) : a->path > b->path;
    });
  }
  for (const Entry* entry : order) {
    const fs::path to = m_to / entry->path;
    if (entry->type == EntryType::folder) {
      if (::mkdir(to.c_str(), 0700) != 0) return system_error("mkdir", to, errno);
      continue;
    }
    BUILDLAB_TRY(copy_entry(m_from / entry->path, to, *entry).map([](const Copied&) {}));
  }
  // From the innermost outwards, because work inside a folder changes its time.
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (entry->type != EntryType::folder) continue;
    BUILDLAB_TRY(finish_folder(m_from / entry->path, m_to / entry->path, *entry).map([](const Copied&) {}));
  }
  return {};
}

Status VariedCopy::change(const Entry& entry) const {
  const fs::path path = m_to / entry.path;
  if (m_changes.owner && ::lchown(path.c_str(), k_other_user, k_other_group) != 0)
    return system_error("lchown", path, errno);
  // After lchown, which takes the set-user-ID bit away.
  if (has_mode(entry) && (m_changes.umask || m_changes.owner) &&
      ::chmod(path.c_str(), new_mode(entry.identity.mode)) != 0)
    return system_error("chmod", path, errno);
  if (!m_changes.times) return {};
  const timespec times[2] = {{m_time, 0}, {m_time, 0}};
  if (::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0)
    return system_error("utimensat", path, errno);
  return {};
}

Result<bool> VariedCopy::lists_otherwise(const std::vector<Entry>& entries) const {
  std::vector<std::string> folders{""};
  for (const Entry& entry : entries) {
    if (entry.type == EntryType::folder) folders.push_back(entry.path);
  }
  for (const std::string& folder : folders) {
    BUILDLAB_ASSIGN(const std::vector<std::string> before, listing(m_from / folder));
    BUILDLAB_ASSIGN(const std::vector<std::string> after, listing(m_to / folder));
    if (before != after) return true;
  }
  return false;
}

Result<CopyRefusals> VariedCopy::make() {
  BUILDLAB_ASSIGN(const std::vector<Entry> entries, walk_copy(m_from));
  if (::mkdir(m_to.c_str(), 0700) != 0) return system_error("mkdir", m_to, errno);
  BUILDLAB_TRY(copy(entries));
  CopyRefusals refusals;
  if (m_changes.umask) {
    const auto writable = [](const Entry& e) {
      return has_mode(e) && (e.identity.mode & k_owner_writes) != 0;
    };
    m_group_writes_now = std::all_of(entries.begin(), entries.end(), [&](const Entry& e) {
      return !writable(e) || (e.identity.mode & k_group_writes) != 0;
    });
    if (std::none_of(entries.begin(), entries.end(), writable))
      refusals.umask = "the context has no file that its owner may write";
  }
  // Between the oldest that a checkout can be and now: later than the epoch, as files of a checkout are, and
  // not in the future, which make warns of.
  const std::int64_t now = wall_now().time_since_epoch().count() / 1'000'000'000;
  m_time = m_changes.epoch < now ? m_changes.epoch + (now - m_changes.epoch) / 2 : m_changes.epoch;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) BUILDLAB_TRY(change(*entry));
  BUILDLAB_ASSIGN(const std::optional<struct stat> root, look_at(m_from));
  if (!root) return system_error("lstat", m_from, ENOENT);
  BUILDLAB_TRY(
      finish_folder(m_from, m_to, {"", EntryType::folder, identity_of(*root)}).map([](const Copied&) {}));
  if (m_changes.order) {
    BUILDLAB_ASSIGN(const bool otherwise, lists_otherwise(entries));
    if (!otherwise)
      refusals.order = "the file system lists the context's files by their names, however they were made";
  }
  return refusals;
}

}  // namespace

Result<CopyRefusals> copy_varied(const fs::path& copy, const fs::path& destination,
                                 const CopyChanges& changes) {
  return VariedCopy(copy, destination, changes).make();
}

}  // namespace buildlab::context
