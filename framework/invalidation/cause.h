// Why steps of a build ran although a build before it had left its results: told from the two Dockerfiles and
// the paths that changed between them. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "framework/invalidation/graph.h"

namespace buildlab::invalidation {

struct Change {
  std::string path;     // relative to the context, and none that .dockerignore leaves out
  bool content = true;  // false: its mode alone
};

struct Changes {
  std::vector<Change> paths;
  std::string dockerfile;                  // the class that a changed instruction counts for
  std::optional<std::string> ignore_file;  // where it changed: other files may have come into the context
};

struct Cause {
  // "own-definition", "input-content", "input-metadata", "parent-rekeyed"; nullopt where neither the
  // Dockerfile nor the context tells (a result that was gone, say).
  std::optional<std::string> reason = {};
  std::optional<std::string> detail = {};
  std::vector<std::string> classes = {};  // of paths that it goes back to, by way of the steps before it too
};

// What ran is given as indexes into `after`, ascending; one cause for each.
std::vector<Cause> causes_of(const StepGraph& before, const StepGraph& after, const Changes& changes,
                             const std::vector<std::size_t>& ran);

}  // namespace buildlab::invalidation
