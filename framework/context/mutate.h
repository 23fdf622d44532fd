// Applies a scenario's mutations to a private copy.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/scenario/scenario.h"

namespace buildlab::context {

struct Applied {
  std::map<std::string, std::string> build_args;  // set by SetBuildArg, on top of the subject's
  std::vector<std::string> paths;                 // changed, relative to the copy
  std::string description;                        // "append src/main.cpp"
};

// `token` is unique to the run (uuid + scenario + iteration). Every mutated file is first brought back to its
// pristine text from `pristine` (the user's tree), so that iterations do not pile up, and gets a new size or
// mtime. AppendText without a text appends a comment line in the file's own language that carries the token;
// "{token}" in any text is replaced by it.
Result<Applied> apply_mutations(const std::vector<scenario::Mutation>& mutations,
                                const std::filesystem::path& copy, const std::filesystem::path& pristine,
                                const std::filesystem::path& scenario_folder, std::string_view token);

}  // namespace buildlab::context
