// Private to the room: what git prints, read. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/replay/history.h"

namespace buildlab::replay {

// "ID PARENT PARENT…" a line -> ids with their first parents; descriptions are still empty.
std::vector<Commit> parse_rev_list(std::string_view text);

// The text of a commit object.
void read_commit_object(std::string_view object, Commit& commit);

// `ls-tree -r -z -l` below `prefix`. Errors (kind build_failed) name a path that may not be written: one that
// leads out of its folder, one that is there twice, one below a file.
Result<std::vector<TreeEntry>> parse_ls_tree(std::string_view text, std::string_view prefix);

// `diff-tree -r -z --raw --no-renames`.
std::vector<PathChange> parse_raw_diff(std::string_view text);

// The next object of `cat-file --batch`; `text` is moved behind it. nullopt with `missing` set for one that
// is not there.
struct BatchObject {
  std::string_view id;
  std::string_view content;
  bool missing = false;
};
Result<BatchObject> take_batch_object(std::string_view& text);

}  // namespace buildlab::replay
