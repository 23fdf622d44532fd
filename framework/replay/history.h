// The history of the git repository that holds a context. The repository is only read: names are looked up in
// it, everything else is asked of a git folder of our own that borrows its objects, so that neither hooks,
// filters nor any setting of it play a part, and nothing is locked, checked out, fetched or written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/base/time.h"

namespace buildlab::replay {

// Which commits; first parents only, so that a merge is one commit with all that it brought.
struct Range {
  std::optional<int> last;  // the last N up to HEAD
  std::string from;         // else from..to
  std::string to;
  std::string text;  // for people
};

inline constexpr int k_max_commits = 10'000;

// "A..B", "A.." (to HEAD). Usage errors for "A...B", a single name, an empty A.
Result<Range> parse_range(std::string_view text);
Range last_commits(int count);

struct Commit {
  std::string id;
  std::optional<std::string> parent;  // the first; nullopt for a root and at the end of a shallow clone
  std::string subject;                // the message's first line
  WallTime committed;
};

// One file of a commit's context: regular, executable, symbolic link, or another repository's commit.
struct TreeEntry {
  enum class Kind { file, executable, link, submodule };
  Kind kind = Kind::file;
  std::string object;
  std::uint64_t size = 0;
  std::string path;  // relative to the context, as git has its bytes
};

struct PathChange {
  std::string path;     // relative to the repository
  bool content = true;  // false: the mode alone
};

class History {
 public:
  // `context` lies in a git work tree, else a usage error. `private_folder` is made anew.
  static Result<History> open(const std::filesystem::path& context,
                              const std::filesystem::path& private_folder);

  // Oldest first. Not evaluable when the range holds no commit; usage for unknown names and for more than
  // k_max_commits.
  Result<std::vector<Commit>> commits(const Range& range) const;
  // By ids, in their order.
  Result<std::vector<Commit>> describe(const std::vector<std::string>& ids) const;
  // Paths of the repository that differ between two commits; without a first one, all that there are.
  Result<std::vector<PathChange>> changes(const std::optional<std::string>& from,
                                          const std::string& to) const;
  // The files of the context in that commit; empty where it did not exist.
  Result<std::vector<TreeEntry>> tree(const std::string& commit) const;
  // Calls `take` with each blob's content, in order. An object that is missing (a partial clone) is an error.
  Status read_blobs(const std::vector<TreeEntry>& entries,
                    const std::function<Status(const TreeEntry&, std::string_view)>& take) const;

  const std::string& prefix() const { return m_prefix; }  // of the context in the repository: "", "app/"
  bool shallow() const { return m_shallow; }
  // Where git-lfs keeps the content of the pointers that stand in trees.
  std::filesystem::path lfs_objects() const { return m_common / "lfs" / "objects"; }

 private:
  History() = default;
  Result<std::string> resolve(const std::string& name) const;

  std::filesystem::path m_context;
  std::filesystem::path m_common;
  std::filesystem::path m_private;
  std::filesystem::path m_objects;
  std::string m_prefix;
  bool m_shallow = false;
};

}  // namespace buildlab::replay
