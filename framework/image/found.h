// An image within an archive or layout, with the documents that it was read from. Private to this room.
#pragma once

#include <optional>
#include <string>

#include "framework/base/json.h"
#include "framework/image/blobs.h"
#include "framework/image/oci.h"

namespace buildlab::image {

// Registries and containerd refuse manifests above 4 MiB (distribution spec, "manifests"); configs carry a
// history entry a step and stay far below this too.
inline constexpr Bytes k_max_json{8ULL << 20U};

struct Found {
  Image image;
  Json manifest;
  Json config;
};

// The image for `platform`; without one the only image that is there.
Result<Found> find_image(const Blobs& blobs, const std::optional<std::string>& platform);

// What `docker save` wrote before it wrote OCI layouts: manifest.json, configs and layers as plain files.
// `layer_files` are the layers' names in the archive.
struct DockerArchive {
  Found found;
  std::vector<std::string> layer_files;
};
Result<DockerArchive> find_docker_image(const Blobs& blobs, const std::optional<std::string>& platform);

}  // namespace buildlab::image
