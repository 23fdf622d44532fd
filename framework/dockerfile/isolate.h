// A Dockerfile that ends with one instruction of another, in a stage of its own, so that a builder can be
// told to run just this one anew on what the cache holds of everything before it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "framework/dockerfile/dockerfile.h"

namespace buildlab::dockerfile {

inline constexpr const char* k_isolated_stage = "buildlab-isolated";

// `text` is what `file` was parsed from. nullopt when no instruction of a stage begins at these lines (those
// of ONBUILD, and FROM itself, cannot be isolated).
std::optional<std::string> isolate(std::string_view text, const Dockerfile& file, const LineRange& lines);

// The text with a name for the stage when it has none; the name is the second value.
std::pair<std::string, std::string> with_named_stage(std::string_view text, const Dockerfile& file,
                                                     std::size_t stage);

}  // namespace buildlab::dockerfile
