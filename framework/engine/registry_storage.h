// What a private registry keeps on disk, less what is not needed any more.
#pragma once

#include <filesystem>
#include <string>

#include "framework/base/result.h"
#include "framework/engine/toolchain.h"

namespace buildlab::engine {

// Removes all of the repository but the tag and what it is made of. Nobody may be writing to the registry
// that serves the folder. Without the tag nothing is removed.
Status keep_only_tag(const Tool& registry, const std::filesystem::path& storage,
                     const std::string& repository, const std::string& tag);

}  // namespace buildlab::engine
