// Another copy of a context, as another checkout of the same sources would be.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "framework/base/result.h"

namespace buildlab::context {

struct CopyChanges {
  bool umask = false;      // the group's right to write, given or taken
  bool order = false;      // files are made in another order
  bool times = false;      // all files are of one other time
  bool owner = false;      // another user and group
  std::int64_t epoch = 0;  // the build's SOURCE_DATE_EPOCH: no checkout is older
};

// Why a change came to nothing; empty where it did not.
struct CopyRefusals {
  std::string umask;
  std::string order;
};

// `copy` again in `destination`, which must not exist, with these changes. Nothing else differs.
Result<CopyRefusals> copy_varied(const std::filesystem::path& copy, const std::filesystem::path& destination,
                                 const CopyChanges& changes);

}  // namespace buildlab::context
