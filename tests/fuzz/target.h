// Which part of a fuzzing program runs: that which BUILDLAB_FUZZ_TARGET names; all of them, chosen by the
// input's first byte, without it. "list" prints the names.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

namespace buildlab::fuzz {

// T has a member `name`.
template <typename T>
const T* chosen_by_environment(std::span<const T> targets) {
  const char* const value = std::getenv("BUILDLAB_FUZZ_TARGET");
  const std::string_view wanted = value == nullptr ? "" : value;
  if (wanted.empty()) return nullptr;
  for (const T& target : targets) {
    if (wanted == target.name) return &target;
  }
  for (const T& target : targets) std::printf("%s\n", target.name);
  std::fflush(stdout);
  std::_Exit(wanted == "list" ? 0 : 2);  // libFuzzer takes an exit() for a finding
}

template <typename T>
const T& target_for(std::span<const T> targets, unsigned char first) {
  static const T* const k_chosen = chosen_by_environment(targets);
  return k_chosen != nullptr ? *k_chosen : targets[first % targets.size()];
}

}  // namespace buildlab::fuzz
