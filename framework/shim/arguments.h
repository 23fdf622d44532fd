// The part of a runtime's command line that the shim has to understand.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace buildlab::shim {

// The folder of the container that `arguments` (without the program) ask to start; nullopt when they ask for
// something else (delete, kill, state, …).
std::optional<std::filesystem::path> bundle_to_start(const std::vector<std::string>& arguments);

}  // namespace buildlab::shim
