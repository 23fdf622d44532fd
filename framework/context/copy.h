// The private copy of a subject's context that mutations act on and that the builder gets.
// The user's tree is only read.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "framework/base/digest.h"
#include "framework/base/result.h"
#include "framework/scenario/scenario.h"

namespace buildlab::context {

struct CopyOptions {
  std::filesystem::path source;
  std::filesystem::path dockerfile;  // relative; its own NAME.dockerignore wins over .dockerignore
  // Absolute folders (CMake build folder, store, cache) that are left out when they lie inside the source.
  std::vector<std::filesystem::path> exclude;
};

struct ContextCopy {
  std::filesystem::path path;
  // Over sorted relative paths, types, modes, link targets, xattrs that count for COPY, and contents; never
  // times.
  Digest digest;
  std::uint64_t files = 0;
  std::uint64_t size_bytes = 0;
  std::vector<std::string> left_out;  // what CopyOptions.exclude removed, relative to the source
};

// Makes or refreshes `destination` so that it equals the source: unchanged files (size, mtime, mode) are left
// as they are, so that a second call costs little; others are copied (reflink where the file system can,
// never by hard link), with modes, times (ns) and xattrs. Files ignored by .dockerignore are not copied,
// except the Dockerfile and .dockerignore themselves. Sockets and devices are an error naming the path.
Result<ContextCopy> refresh_copy(const CopyOptions& options, const std::filesystem::path& destination);

}  // namespace buildlab::context
