// Which instruction wrote each layer of an image: as its provenance has it, and where that does not know, as
// the history of its configuration has it.
//
// BuildKit's provenance knows no layers above a merge (COPY --link), and with the proxy network none from the
// first proxied step on. The history has an entry for each instruction of the target's stages: both are
// walked from their end for as long as they tell the same. What lies below a difference (a base with ONBUILD,
// a history of other hands) is tied to nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "framework/base/json.h"
#include "framework/dockerfile/dockerfile.h"
#include "framework/metrics/provenance.h"

namespace buildlab::drift {

// How much of the target's stage the image's history tells of: of none of its layers, of the last ones, of
// all its instructions.
enum class HistoryFit { none, end, whole };

struct LayerLines {
  std::vector<std::optional<dockerfile::LineRange>> lines;  // the lowest layer's first
  HistoryFit fit = HistoryFit::none;
};

// `config` is the image's configuration and `layers` what it has. Where provenance and history contradict
// each other, the history is not used.
LayerLines lines_of_layers(const metrics::Provenance& provenance, const Json& config, std::size_t layers);

}  // namespace buildlab::drift
