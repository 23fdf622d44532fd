#include "framework/context/copy.h"

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <unordered_map>

#include "framework/base/file.h"
#include "framework/base/time.h"
#include "framework/context/copy_index.h"
#include "framework/context/entry.h"
#include "framework/context/walk.h"

namespace buildlab::context {
namespace {

namespace fs = std::filesystem;

// Longer than a tick of any kernel's file times (10 ms at 100 Hz).
constexpr std::int64_t k_uncertain_ns = 20'000'000;

class Refresh {
 public:
  Refresh(const CopyOptions& options, const fs::path& destination)
      : m_source(options.source), m_copy(destination), m_old(load_index(destination)) {}

  Status run(const std::vector<Entry>& entries);
  const CopyIndex& index() const { return m_new; }
  bool changed() const { return m_changed; }

 private:
  Status remove(const Entry& entry);
  Status bring(const Entry& entry);
  Status finish_folders(const std::vector<Entry>& entries);

  fs::path m_source;
  fs::path m_copy;
  CopyIndex m_old;
  CopyIndex m_new;
  std::unordered_map<std::string, Entry> m_present;
  bool m_changed = false;
};

Status Refresh::remove(const Entry& entry) {
  m_changed = true;
  return remove_tree(m_copy / entry.path).map([](bool) {});
}

Status Refresh::bring(const Entry& entry) {
  const auto present = m_present.find(entry.path);
  const bool is_there = present != m_present.end() && present->second.type == entry.type;
  if (present != m_present.end() && !is_there) {
    BUILDLAB_TRY(remove(entry));
  }
  const fs::path to = m_copy / entry.path;
  if (entry.type == EntryType::folder) {
    if (!is_there) {
      m_changed = true;
      if (::mkdir(to.c_str(), 0700) != 0) return system_error("mkdir", to, errno);
    }
    return {};
  }
  const auto old = m_old.find(entry.path);
  if (is_there && old != m_old.end() && old->second.type == entry.type && !old->second.uncertain &&
      old->second.source == entry.identity && old->second.copy.identity == present->second.identity) {
    m_new.insert(m_new.end(), *old);
    return {};
  }
  m_changed = true;
  if (is_there) BUILDLAB_TRY(remove(entry));
  const std::int64_t now = wall_now().time_since_epoch().count();
  BUILDLAB_ASSIGN(Copied copied, copy_entry(m_source / entry.path, to, entry));
  IndexEntry indexed{entry.type, copied.source, std::move(copied), false};
  indexed.uncertain = indexed.source.ctime_ns + k_uncertain_ns > now;
  m_new.insert(m_new.end(), {entry.path, std::move(indexed)});
  return {};
}

// From the innermost outwards, because work inside a folder changes its time.
Status Refresh::finish_folders(const std::vector<Entry>& entries) {
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (entry->type != EntryType::folder) continue;
    const fs::path to = m_copy / entry->path;
    const auto old = m_old.find(entry->path);
    BUILDLAB_ASSIGN(const std::optional<struct stat> info, look_at(to));
    if (old != m_old.end() && info && !old->second.uncertain && old->second.source == entry->identity &&
        old->second.copy.identity == identity_of(*info)) {
      m_new.insert(*old);
      continue;
    }
    m_changed = true;
    BUILDLAB_ASSIGN(Copied copied, finish_folder(m_source / entry->path, to, *entry));
    m_new.insert({entry->path, IndexEntry{entry->type, entry->identity, std::move(copied), false}});
  }
  return {};
}

Status Refresh::run(const std::vector<Entry>& entries) {
  BUILDLAB_TRY(make_directories(m_copy));
  BUILDLAB_ASSIGN(std::vector<Entry> present, walk_copy(m_copy));
  std::unordered_map<std::string_view, const Entry*> wanted;
  for (const Entry& entry : entries) wanted.emplace(entry.path, &entry);
  std::string gone;  // a folder that was removed with all that is in it
  for (Entry& entry : present) {
    if (!gone.empty() && entry.path.starts_with(gone)) continue;
    if (wanted.count(entry.path) == 0) {
      BUILDLAB_TRY(remove(entry));
      if (entry.type == EntryType::folder) gone = entry.path + "/";
      continue;
    }
    m_present.emplace(entry.path, std::move(entry));
  }
  for (const Entry& entry : entries) BUILDLAB_TRY(bring(entry));
  return finish_folders(entries);
}

Digest digest_of(const CopyIndex& index) {
  std::string all;
  for (const auto& [path, entry] : index) {
    all += fmt::format("{} {:04o} {} {}", static_cast<char>(entry.type),
                       entry.type == EntryType::link ? 0777U : entry.source.mode, entry.copy.digest, path);
    all += '\0';
  }
  return sha256(all);
}

}  // namespace

Result<ContextCopy> refresh_copy(const CopyOptions& options, const fs::path& destination) {
  std::error_code code;
  const fs::path source = fs::weakly_canonical(options.source, code);
  const fs::path target = fs::weakly_canonical(destination, code);
  const fs::path relative = source.lexically_relative(target);
  if (!relative.empty() && *relative.begin() != "..")
    return fail(ErrorKind::usage,
                fmt::format("the context {} lies inside its own copy {}", source.string(), target.string()),
                {"choose another store (--store)"});
  BUILDLAB_ASSIGN(Tree tree, walk_context(options, destination));
  Refresh refresh(options, destination);
  BUILDLAB_TRY(refresh.run(tree.entries));
  if (refresh.changed()) BUILDLAB_TRY(save_index(destination, refresh.index()));
  ContextCopy copy{destination, digest_of(refresh.index()), 0, 0, std::move(tree.left_out)};
  for (const auto& [path, entry] : refresh.index()) {
    if (entry.type != EntryType::file) continue;
    ++copy.files;
    copy.size_bytes += entry.source.size;
  }
  return copy;
}

}  // namespace buildlab::context
