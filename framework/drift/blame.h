// What the builds' provenance adds to a comparison: which instruction wrote a layer, and when the builds ran.
// Which inputs from outside they were given: inputs.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/drift/compare.h"
#include "framework/image/oci.h"
#include "framework/metrics/provenance.h"

namespace buildlab::drift {

using Layers = std::vector<image::Layer>;  // of an image

// `dockerfile` names the file in messages; without it the provenance's own name is taken. False when the
// provenance of A or B is certainly of another image: `options` get a note then, and nothing of it.
//
// That is so where the layers of its base have other digests than the image's lowest ones, all of them, with
// the same compression; and for both where each fits the other image only. Layers of the build itself may
// have other digests: rewrite-timestamp writes them anew. Another number of layers is noted, and none is tied
// then.
bool blame(Options& options, const metrics::Provenance& a, const Layers& layers_a,
           const metrics::Provenance& b, const Layers& layers_b,
           const std::optional<std::string>& dockerfile = std::nullopt);

}  // namespace buildlab::drift
