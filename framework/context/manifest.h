// What a copy of a context holds, entry by entry: what decides the cache keys
// of steps that read it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "framework/base/result.h"

namespace buildlab::context {

struct ManifestEntry {
  char type = 'f';                                     // 'f' file, 'd' folder, 'l' link, 's' special
  std::uint32_t mode = 0;                              // permission bits; 0 of a link
  std::string content = {};                            // digest (hex) of a file's content or a link's target
  std::map<std::string, std::string> attributes = {};  // user.* name -> digest (hex) of its value

  friend bool operator==(const ManifestEntry&, const ManifestEntry&) = default;
};

using Manifest = std::map<std::string, ManifestEntry,
                          std::less<>>;  // by path relative to the copy

// Reads every file. What is in the copy though .dockerignore leaves it out (the
// Dockerfile, .dockerignore itself) is not in the manifest: the builder does
// not get it as part of the context.
Result<Manifest> read_manifest(const std::filesystem::path& copy, const std::filesystem::path& dockerfile);

}  // namespace buildlab::context
