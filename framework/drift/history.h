// The history of an image's configuration: what BuildKit's frontend and exporter write, an entry an
// instruction. Private to this room.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/json.h"
#include "framework/dockerfile/dockerfile.h"

namespace buildlab::drift {

struct HistoryEntry {
  std::string created_by;  // "RUN |1 A=b /bin/sh -c make # buildkit"
  bool has_layer = true;
};

// The lowest first. nullopt when there is none, one that is not written as it should be, or one that tells of
// another number of layers. Entries that the exporter adds at the end, one for each layer of a base that has
// no history, are left out: what comes before them tells of the highest layers all the same.
std::optional<std::vector<HistoryEntry>> read_history(const Json& config, std::size_t layers);

// Whether the instruction may have written the entry: keyword, whether there is a layer, of RUN all of the
// command, of COPY, ADD and WORKDIR what stands there without variables.
bool has_written(const dockerfile::Instruction& instruction, const HistoryEntry& entry);

}  // namespace buildlab::drift
