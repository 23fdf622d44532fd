// Where the engine room keeps things outside the store: the cache folder, and the folder of sockets.
#pragma once

#include <filesystem>
#include <string>

#include "framework/base/result.h"

namespace buildlab::engine {

// ${XDG_RUNTIME_DIR:-/tmp}/buildlab-UID, made with mode 0700. Refused when somebody else owns it, or it is no
// folder of its own (a symbolic link could lead our sockets elsewhere).
Result<std::filesystem::path> runtime_folder();

// For folders that a process needs for a moment, named "…-PID-…"; sweep_leftovers() removes those of ended
// processes.
std::filesystem::path scratch_folder();

// Twelve hexadecimal digits from the kernel's random numbers.
std::string random_name();

}  // namespace buildlab::engine
