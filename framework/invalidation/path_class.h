// Paths of a context put into classes, so that thousands of files become a few rows of a table.
#pragma once

#include <string>
#include <string_view>

namespace buildlab::invalidation {

// What is no path of the context that a builder gets. No path reads like these: a name of a class of paths
// never begins with a bracket that it does not also end with.
inline constexpr std::string_view k_outside = "(outside the context)";
inline constexpr std::string_view k_ignored = "(left out by .dockerignore)";

// "src/**/*.cpp" for src/a/b.cpp: top-level folder and extension; "src/** without extension"; a file of the
// context's root is a class of its own. `path` is relative to the context, with slashes.
std::string path_class(std::string_view path);

}  // namespace buildlab::invalidation
