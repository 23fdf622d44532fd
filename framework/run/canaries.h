// Looks for what variations put into a build in the image that came out of it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/variation/variation.h"

namespace buildlab::run {

// Which of `kinds` left their canary in the bytes of `varied` (configuration, file contents and names, not
// inside compressed files) and not in `plain`. Layers that both have are not read.
Result<std::vector<variation::Kind>> find_canaries(const std::filesystem::path& varied,
                                                   const std::filesystem::path& plain,
                                                   const std::string& platform,
                                                   const std::vector<variation::Kind>& kinds);

}  // namespace buildlab::run
