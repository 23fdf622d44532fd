// The files of a build context: what its .dockerignore leaves, by reading the folder only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/dockerfile/ignore.h"

namespace buildlab::scenario {

// Name of the ignore file that counts, relative to the context: that of the Dockerfile (NAME.dockerignore
// beside it) wins over the root's .dockerignore; empty when there is none.
std::filesystem::path ignore_file(const std::filesystem::path& context,
                                  const std::filesystem::path& dockerfile);
Result<dockerfile::IgnoreRules> load_ignore_rules(const std::filesystem::path& context,
                                                  const std::filesystem::path& dockerfile);

struct ContextFile {
  std::string path;  // relative, with slashes
  std::uint64_t size_bytes = 0;
};

// Regular files that are not ignored, sorted by path; .git is left out, symbolic links are not followed,
// folders without read permission are skipped. At most `limit` files are looked at.
std::vector<ContextFile> list_context(const std::filesystem::path& context,
                                      const dockerfile::IgnoreRules& rules, std::size_t limit);

}  // namespace buildlab::scenario
