// Private to the room: the entries of a tree.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/context/copy.h"
#include "framework/context/entry.h"

namespace buildlab::context {

struct Tree {
  std::vector<Entry> entries;         // each folder before what is in it
  std::vector<std::string> left_out;  // by CopyOptions.exclude
};

// What the build's context consists of. `destination` is left out too when it lies inside.
Result<Tree> walk_context(const CopyOptions& options, const std::filesystem::path& destination);

// All that is in a copy, whatever it is; empty when the copy does not exist.
Result<std::vector<Entry>> walk_copy(const std::filesystem::path& copy);

}  // namespace buildlab::context
