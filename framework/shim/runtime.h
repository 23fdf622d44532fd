// Handing a command on to the real runtime.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"

namespace buildlab::shim {

// Becomes `command`, with this process's descriptors and place in the process tree; returns only when that
// failed.
Error become(const std::vector<std::string>& command);

struct Ended {
  int exit_code = 0;                     // 128 and its number after a signal, as shells have it
  std::optional<std::string> unreached;  // why a preloaded library was not in every program that was run
};

// Runs `command`, which starts a container with the root `root`, and watches what it executes. Signals go on
// to the command; it dies with this process.
Result<Ended> run_watched(const std::filesystem::path& root, const std::vector<std::string>& command);

}  // namespace buildlab::shim
