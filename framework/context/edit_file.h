// Private to the room: changing files of a copy so that a builder sees the change.
#pragma once

#include <filesystem>
#include <string_view>

#include "framework/base/result.h"

namespace buildlab::context {

// New content, the same mode and inode, a new time.
Status write_content(const std::filesystem::path& file, std::string_view content);

// Sets the time to now, but never to the one it has: BuildKit sends a file again only when its size or its
// time (ns) differs from what it got last.
Status renew_time(const std::filesystem::path& path);

}  // namespace buildlab::context
