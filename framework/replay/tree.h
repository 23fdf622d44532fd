// A commit's context as files in a folder of our own: what a checkout without filters would hold.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/replay/history.h"

namespace buildlab::replay {

class PrivateTree {
 public:
  // `folder` is emptied, so that what it holds is known.
  static Result<PrivateTree> make(const std::filesystem::path& folder);

  // Makes the folder hold exactly the commit's context; only what differs is written, as git does. Files have
  // the modes 0644 and 0755 whatever the umask is. Returns what is not as a checkout might have it:
  // submodules (left as empty folders) and git-lfs pointers whose content is not there. An error of kind
  // build_failed is about this commit alone.
  Result<std::vector<std::string>> show(const History& history, const std::string& commit);

  const std::filesystem::path& folder() const { return m_folder; }
  bool empty() const { return m_entries.empty(); }

 private:
  explicit PrivateTree(std::filesystem::path folder) : m_folder(std::move(folder)) {}
  Status remove(const std::string& path);
  Status make_parents(const std::string& path);
  Status write(const History& history, const TreeEntry& entry, std::string_view content,
               std::vector<std::string>& notes);

  std::filesystem::path m_folder;
  std::map<std::string, TreeEntry> m_entries;
};

// Of a git-lfs pointer: the digest (hex) and the size of the content that it stands for.
struct LfsPointer {
  std::string digest;
  std::uint64_t size = 0;
};
std::optional<LfsPointer> parse_lfs_pointer(std::string_view content);

}  // namespace buildlab::replay
