// Private to the room: what a copy was made from, in a file beside it, so that the next call need not read
// the unchanged files again.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "framework/base/result.h"
#include "framework/context/entry.h"

namespace buildlab::context {

struct IndexEntry {
  EntryType type = EntryType::file;
  Identity source;
  Copied copy;
  // The source was changed so shortly before it was copied that a later change may have left its times as
  // they are (file systems count in ticks of some milliseconds).
  bool uncertain = false;
};

// By relative path, sorted, so that a folder comes before what is in it.
using CopyIndex = std::map<std::string, IndexEntry, std::less<>>;

std::filesystem::path index_path(const std::filesystem::path& copy);
// Empty when there is none or it is damaged: then everything is copied anew.
CopyIndex load_index(const std::filesystem::path& copy);
Status save_index(const std::filesystem::path& copy, const CopyIndex& index);

}  // namespace buildlab::context
