// What differs between two preimages.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/json.h"
#include "framework/cache_keys/key_store.h"

namespace buildlab::cache_keys {

// Members of two operations' preimages whose values differ: "Exec.meta.env", "Actions[1].dest". Without the
// values, which may be credentials.
std::vector<std::string> differing_members(std::string_view before, std::string_view now);
// The same of what readable() gave of them.
std::vector<std::string> differing_members_of(const Json& before, const Json& now);

struct FileDifference {
  std::string path;
  bool only_metadata = false;  // nothing tells that the content is another; of as many bytes, it may be
  std::string what = {};       // "content, 5 -> 7 bytes", "mode 0644 -> 0600", "new", "gone"

  friend bool operator==(const FileDifference&, const FileDifference&) = default;
};

// By path. `roots` are the paths that the trees are of; where they are not as many, paths are relative to
// each.
std::vector<FileDifference> differing_files(const Content& before, const Content& now,
                                            const std::vector<std::string>& roots);

}  // namespace buildlab::cache_keys
