// What the steps of a target read: files of the context, results of other stages, and the steps before them.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/dockerfile/dockerfile.h"
#include "framework/dockerfile/ignore.h"

namespace buildlab::dockerfile {

// A source of COPY or ADD, or a bind mount of the context.
struct ContextRead {
  std::string source;  // cleaned, relative, with Go's wildcards; "" is the whole context
  IgnoreRules exclude = {};

  // Whether an edit of the file is an edit of what this reads.
  bool selects(std::string_view path) const;
};

struct StepInputs {
  const Instruction* step = nullptr;  // of the Dockerfile that was asked about
  std::vector<ContextRead> context = {};
  std::vector<std::size_t> stages = {};  // by content: COPY --from, RUN --mount from=
  // Everything of the Dockerfile that decides what it does, but what stands before it: its text, inline
  // documents, and what variables, shell, user and folder are when it runs.
  std::string definition = {};
  bool linked = false;                   // COPY --link: does not stand on the steps before it
  std::vector<std::string> images = {};  // from outside, by content: as COPY --from and mounts name them
  std::vector<std::string> urls = {};    // that ADD fetches, expanded
  bool checksum = false;                 // ADD --checksum: the Dockerfile says what they hold
};

struct StageInputs {
  std::size_t stage = 0;                 // index
  std::optional<std::size_t> base = {};  // the stage that it starts from
  std::string image = {};                // that it goes back to, expanded
  std::vector<StepInputs> steps = {};    // those that count for hit ratios, in BuildKit's order
};

// Of the stages that the target needs, in the Dockerfile's order. Variables in sources are expanded with ARG
// and ENV of the Dockerfile; those of a base image from outside are not known and read as "". Errors are
// those of needed_stages.
Result<std::vector<StageInputs>> target_inputs(const Dockerfile& file,
                                               const std::optional<std::string>& target,
                                               const std::map<std::string, std::string>& build_args,
                                               const std::optional<std::string>& platform = std::nullopt);

// Go's path.Match for one name without slashes; a broken pattern matches nothing.
bool matches_go_pattern(std::string_view pattern, std::string_view name);

}  // namespace buildlab::dockerfile
