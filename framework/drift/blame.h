// What the builds' provenance adds to a comparison: which instruction wrote a layer, and when the builds ran.
// Which inputs from outside they were given: inputs.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/drift/compare.h"
#include "framework/metrics/provenance.h"

namespace buildlab::drift {

// `dockerfile` names the file in messages; without it the provenance's own name is taken. Layers are tied to
// steps only where the provenance knows as many layers as the image has.
void blame(Options& options, const metrics::Provenance& a, std::size_t layers_a, const metrics::Provenance& b,
           std::size_t layers_b, const std::optional<std::string>& dockerfile = std::nullopt);

}  // namespace buildlab::drift
