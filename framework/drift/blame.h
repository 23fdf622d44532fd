// What the builds' provenance adds to a comparison: which instruction wrote a layer, when the builds ran, and
// which inputs from outside they were given.
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

// Inputs that both builds fetched under the same name with different content, and those that only one
// fetched. Each is a sentence: "https://…/left-pad-1.3.1.tgz was sha256:… in A and sha256:… in B".
std::vector<std::string> moved_inputs(const metrics::Provenance& a, const metrics::Provenance& b);

}  // namespace buildlab::drift
