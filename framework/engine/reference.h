// Names of images as Dockerfiles write them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "framework/base/digest.h"

namespace buildlab::engine {

// "debian", "debian:bookworm-slim@sha256:…", "localhost:5000/a/b:1" in parts.
struct ImageReference {
  std::string registry;    // "docker.io" when none is written
  std::string repository;  // "library/debian"
  std::string tag;         // "latest" when neither tag nor digest is written; may be empty beside a digest
  std::optional<Digest> digest;

  // "docker.io/library/debian:bookworm-slim", as BuildKit names its sources; with "@sha256:…" where there is
  // one.
  std::string canonical() const;
};

// nullopt when it is no reference (also for "scratch", which names no image).
std::optional<ImageReference> parse_reference(std::string_view text);

// "bookworm" of docker.io/library/debian:bookworm[-slim]: what can be made locally. nullopt for all others.
std::optional<std::string> debian_suite(const ImageReference& reference);

// The digest in the name of the vertex that loads the image ("[1/1] FROM
// docker.io/library/debian:x@sha256:…"), from a progress stream.
std::optional<Digest> resolved_digest(std::string_view progress, const std::string& canonical);

}  // namespace buildlab::engine
