// Private to the room: asking git without letting a repository have anything run, fetched, locked or written.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"

namespace buildlab::replay {

// Runs git and returns its standard output; a refusal is an error of `kind` with git's own words.
struct GitCall {
  std::vector<std::string> arguments;
  std::string input = {};
  ErrorKind kind = ErrorKind::infrastructure;
};

// In the user's repository, which it finds from `folder`. Only for commands that read names (rev-parse).
Result<std::string> ask_repository(const std::filesystem::path& folder, const GitCall& call);

// In a git folder of our own, whose objects are those of the user's repository.
struct PrivateGit {
  std::filesystem::path folder;
  std::filesystem::path objects;

  Result<std::string> ask(const GitCall& call) const;
};

// Makes (again) the folder: no reference, no configuration of anybody, the ends of a shallow clone.
Result<PrivateGit> make_private_git(const std::filesystem::path& folder, const std::filesystem::path& common,
                                    const std::filesystem::path& objects, std::string_view object_format);

// A path as GIT_ALTERNATE_OBJECT_DIRECTORIES wants it, whatever characters it has.
std::string quoted_for_alternates(const std::string& path);

}  // namespace buildlab::replay
