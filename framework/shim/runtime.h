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

// Runs `command` as a child, for what has to be done when it has ended. Signals go on to it; it dies with
// this process. `watched` is the root of the container that it starts, whose programs are looked at; empty:
// none.
Result<Ended> run(const std::vector<std::string>& command, const std::filesystem::path& watched);

}  // namespace buildlab::shim
