// Private to the room: taking back what an earlier mutation did to named paths of a copy.
#pragma once

#include <filesystem>

#include "framework/base/result.h"
#include "framework/context/copy_index.h"

namespace buildlab::context {

// The path and all below it become what the last refresh_copy made of them: what it had not made is removed,
// what is unchanged is left as it is, the rest is copied from `pristine` again. Without an index (no
// refresh_copy made the copy) the path becomes what it is in `pristine`.
Status restore(const CopyIndex& index, const std::filesystem::path& copy,
               const std::filesystem::path& pristine, const std::filesystem::path& path);

// The full path of something in the copy. An error when a link on the way, or at the end, leads out of it;
// links inside are followed where `follow` says so.
enum class LastLink { followed, kept };
Result<std::filesystem::path> inside(const std::filesystem::path& copy, const std::filesystem::path& path,
                                     LastLink last);

}  // namespace buildlab::context
