// Versions as the engine's programs print them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace buildlab::engine {

// "v0.32.2" of "buildkitd github.com/moby/buildkit v0.32.2 abcdef"; "1.1.5+ds1" of "runc version 1.1.5+ds1…".
// The first word that is a number with a point, with or without a "v". nullopt when there is none.
std::optional<std::string> version_in(std::string_view output);

// Major, minor, patch; what is missing is 0. nullopt when it does not start with a number.
std::optional<std::array<int, 3>> version_numbers(std::string_view version);

}  // namespace buildlab::engine
