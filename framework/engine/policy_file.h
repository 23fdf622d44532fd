// The file of a build's source policy, where the build needs one.
#pragma once

#include <filesystem>

#include "framework/base/result.h"
#include "framework/engine/request.h"

namespace buildlab::engine {

// To be read by this user alone: it has the word that the server for fetches asks for. There is no such file
// before; without a policy there is none afterwards.
Status write_policy(const BuildRequest& request, const std::filesystem::path& path);

}  // namespace buildlab::engine
