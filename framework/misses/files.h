// Private to the room: what became of the files that a step reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/dockerfile/inputs.h"
#include "framework/misses/facts.h"
#include "framework/misses/reason.h"

namespace buildlab::misses {

// input-content or input-metadata; nullopt where every file is as it was. Modes of folders do not count: on a
// kept builder they are part of no key.
std::optional<Miss> changed_files(const std::vector<dockerfile::ContextRead>& reads, const Files& before,
                                  const Files& now);
// Of those modes, for a step that nothing else explains.
std::optional<Miss> changed_folders(const std::vector<dockerfile::ContextRead>& reads, const Files& before,
                                    const Files& now);

}  // namespace buildlab::misses
