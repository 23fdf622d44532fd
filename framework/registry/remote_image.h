// An image in a registry, as the files of an OCI layout: its documents at once, its layers when they are
// wanted (OCI distribution spec, "Pulling manifests", "Pulling blobs").
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "framework/base/bytes.h"
#include "framework/base/digest.h"
#include "framework/base/result.h"
#include "framework/engine/reference.h"

namespace buildlab::registry {

class RemoteImage {
 public:
  // Writes index.json and all manifests and configurations that it leads to into `layout`, attestations left
  // out; of an index only those for `platform`, where one is given. Registries on loopback are spoken to
  // without TLS, as docker does. Errors (infrastructure) name the registry, what was asked and the answer.
  static Result<RemoteImage> open(const engine::ImageReference& reference,
                                  const std::filesystem::path& layout,
                                  const std::optional<std::string>& platform);
  RemoteImage(RemoteImage&& other) noexcept;
  RemoteImage& operator=(RemoteImage&& other) noexcept;
  ~RemoteImage();

  // Writes a layer's blob into the layout. More than `size` bytes are an error; the content is not checked
  // here: whoever reads the layout does. Safe from several threads.
  Status fetch_blob(const Digest& digest, Bytes size) const;

 private:
  struct State;
  explicit RemoteImage(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

// Whether the text can only be meant as a reference: nothing of that name is on disk, and it begins with a
// registry ("localhost:5000/a", "ghcr.io/a/b:1") or carries a tag or digest ("debian:12").
std::optional<engine::ImageReference> remote_reference(const std::string& text);

}  // namespace buildlab::registry
