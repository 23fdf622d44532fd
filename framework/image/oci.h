// An OCI archive or layout: index -> platform manifest -> config -> layers.
//
// Verified: size and digest of every manifest, nested index and config that is read, and the size of every
// layer's blob. A layer's content is not hashed: its digest is the one that the verified manifest names,
// which is all that comparing images needs, and reading gigabytes for it would cost more than a build that is
// fully cached. Whoever has to trust the archive itself asks for verify_layers().
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/bytes.h"
#include "framework/base/digest.h"
#include "framework/base/result.h"

namespace buildlab::image {

struct Layer {
  Digest digest;   // of the blob
  Digest diff_id;  // of its uncompressed tar
  Bytes size;      // of the blob
  std::string media_type;
};

struct Image {
  Digest manifest_digest;  // of the platform's manifest, never of the index
  Digest config_digest;
  std::string platform;  // "linux/amd64"
  std::vector<Layer> layers;
  Bytes size;  // layers and config, compressed
};

// Reads an OCI archive (a tar that is not compressed) or a layout folder. `platform` chooses among several
// manifests; attestation manifests are never chosen. Errors (infrastructure) name the archive, the blob and
// what is wrong: cut archive, digest mismatch, missing blob, a size that lies, JSON of the wrong shape, path
// tricks, two images for the platform or none (with those that are there).
Result<Image> read_image(const std::filesystem::path& path, const std::string& platform);

// Reads all layers of an image that read_image() found there; an error names the first whose content is not
// that of its digest.
Status verify_layers(const std::filesystem::path& path, const Image& image);

}  // namespace buildlab::image
