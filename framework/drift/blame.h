// What the builds' provenance adds to a comparison: which instruction wrote a layer, and when the builds ran.
// Which inputs from outside they were given: inputs.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/base/json.h"
#include "framework/drift/compare.h"
#include "framework/image/oci.h"
#include "framework/metrics/provenance.h"

namespace buildlab::drift {

using Layers = std::vector<image::Layer>;  // of an image

// One of the two builds.
struct Built {
  const metrics::Provenance& provenance;
  const Layers& layers;
  const Json& config;  // of its image
};

// Whether the provenance is known to be of the images, or has to show it.
enum class Trust { of_these_images, to_be_shown };

// `dockerfile` names the file in messages; without it the provenance's own name is taken. False when the
// provenance of A or B has to show that it is of the image and does not: `options` get a note then, and
// nothing of it. It does not where
//
// - the layers of its base have other digests than the image's lowest ones, all of them, with the same
//   compression (layers of the build itself may have other digests: rewrite-timestamp writes them anew);
// - each of the two fits the other image only; or
// - it knows another number of layers, and the image's history is not that of its Dockerfile (layer_lines.h).
bool blame(Options& options, const Built& a, const Built& b,
           const std::optional<std::string>& dockerfile = std::nullopt, Trust trust = Trust::to_be_shown);

}  // namespace buildlab::drift
