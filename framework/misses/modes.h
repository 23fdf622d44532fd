// Private to the room: what became of files' permission bits, and the commands that undo it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace buildlab::misses {

struct ModeChange {
  std::string path;  // as a shell takes it
  std::uint32_t before = 0;
  std::uint32_t now = 0;
};

struct Umasks {
  std::uint32_t before = 0;
  std::uint32_t now = 0;
};

// The two umasks, of those that are in use, which make all of these modes; nullopt where no two do.
std::optional<Umasks> umasks_of(const std::vector<ModeChange>& changes);

// "chmod -R g=rX,o=rX ." for 0022.
std::string chmod_like(std::uint32_t umask);

// Of modes git keeps one bit, the owner's x: "git update-index --chmod=+x tool.sh"; "" where none of it
// changed.
std::string git_command(const std::vector<ModeChange>& changes);

}  // namespace buildlab::misses
