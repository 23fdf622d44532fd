// Private to the room: one file, folder, link or special file of a context, and bringing it from one tree to
// another.
#pragma once

#include <sys/stat.h>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "framework/base/result.h"

namespace buildlab::context {

// A special file is a pipe, a socket or a device: BuildKit copies them (a socket as an empty file).
enum class EntryType : char { file = 'f', folder = 'd', link = 'l', special = 's' };

// What tells without reading it that a file is still the one it was.
struct Identity {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint64_t inode = 0;
  std::uint32_t mode = 0;  // permission bits

  friend bool operator==(const Identity&, const Identity&) = default;
};

struct Entry {
  std::string path;  // relative, with slashes
  EntryType type = EntryType::file;
  Identity identity;
};

EntryType type_of(const struct stat& info);
Identity identity_of(const struct stat& info);
// nullopt when nothing is there. Links are not followed.
Result<std::optional<struct stat>> look_at(const std::filesystem::path& path);

// A copy's own identity, and the digest (hex) of what is in it: content or link target, and user.* xattrs.
struct Copied {
  Identity identity;
  std::string digest;
  Identity source = {};  // that of the state that was copied
};

// Makes `to` a new copy of whatever is no folder; what was there must be gone. By reflink where the file
// system can, with mode, time (ns) and xattrs; never a hard link. A source that changes meanwhile is copied
// again, at last an error.
Result<Copied> copy_entry(const std::filesystem::path& from, const std::filesystem::path& to,
                          const Entry& entry);

// The same mode, times and xattrs for a folder, whose content must be complete. The digest is of its xattrs.
Result<Copied> finish_folder(const std::filesystem::path& from, const std::filesystem::path& to,
                             const Entry& entry);

// The user.* xattrs of a path, not followed, with their values.
Result<std::map<std::string, std::string>> user_attributes(const std::filesystem::path& path);

tl::unexpected<Error> system_error(std::string_view call, const std::filesystem::path& path, int number);

}  // namespace buildlab::context
