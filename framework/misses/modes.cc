#include "framework/misses/modes.h"

#include <fmt/format.h>

namespace buildlab::misses {
namespace {

constexpr std::uint32_t k_umasks[] = {0002, 0022, 0007, 0027, 0077};
constexpr std::uint32_t k_owner_executes = 0100;

// Whether a new file, or a program where its owner may execute it, gets this mode.
bool makes(std::uint32_t umask, std::uint32_t mode) {
  const std::uint32_t asked = (mode & k_owner_executes) != 0 ? 0777 : 0666;
  return (asked & ~umask) == mode;
}

std::optional<std::uint32_t> umask_of(const std::vector<ModeChange>& changes,
                                      std::uint32_t ModeChange::*mode) {
  for (const std::uint32_t umask : k_umasks) {
    bool all = !changes.empty();
    for (const ModeChange& change : changes) all = all && makes(umask, change.*mode);
    if (all) return umask;
  }
  return std::nullopt;
}

std::string letters(std::uint32_t bits) {
  std::string text;
  if ((bits & 4U) != 0) text += 'r';
  if ((bits & 2U) != 0) text += 'w';
  if ((bits & 1U) != 0) text += 'X';
  return text;
}

}  // namespace

std::optional<Umasks> umasks_of(const std::vector<ModeChange>& changes) {
  const auto before = umask_of(changes, &ModeChange::before);
  const auto now = umask_of(changes, &ModeChange::now);
  if (!before || !now || *before == *now) return std::nullopt;
  return Umasks{*before, *now};
}

std::string chmod_like(std::uint32_t umask) {
  return fmt::format("chmod -R g={},o={} .", letters(~umask >> 3U), letters(~umask));
}

std::string git_command(const std::vector<ModeChange>& changes) {
  std::string commands;
  for (const ModeChange& change : changes) {
    if (((change.before ^ change.now) & k_owner_executes) == 0) continue;
    commands += fmt::format("{}git update-index --chmod={}x {}", commands.empty() ? "" : " && ",
                            (change.before & k_owner_executes) != 0 ? '+' : '-', change.path);
  }
  return commands;
}

}  // namespace buildlab::misses
