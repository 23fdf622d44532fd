// Private to the room: the mutations that run a program in the copy.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"

namespace buildlab::context {

// `patch -p1`, else `git apply`. Returns the paths that the patch names, relative to the copy.
Result<std::vector<std::string>> apply_patch(const std::filesystem::path& patch,
                                             const std::filesystem::path& copy, std::string_view token);

// The command with the copy as its folder and BUILDLAB_TOKEN in its environment.
Status run_command(const std::vector<std::string>& argv, const std::filesystem::path& copy,
                   std::string_view token);

std::string with_token(std::string text, std::string_view token);

}  // namespace buildlab::context
