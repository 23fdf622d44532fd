// What a request of the OCI distribution protocol asks for. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace buildlab::network {

enum class PathClass { manifest, blob, upload, other };

std::string_view to_string(PathClass path_class);  // "manifest", …

struct Target {
  PathClass path_class = PathClass::other;
  std::string path;        // without the query, at most 1024 bytes
  std::string repository;  // "buildlab/cache"; "" for other
  std::string reference;   // of a manifest: tag or digest as it stands there
  std::string digest;      // what a blob, a manifest asked for by digest, or an upload's end names; else ""
  std::string upload;      // the upload's own name once it has one, else ""

  friend bool operator==(const Target&, const Target&) = default;
};

// Anything that is no path of the protocol is other; digests that are none are "".
Target parse_target(std::string_view target);

struct Upstream {
  std::string host;
  std::uint16_t port = 0;

  std::string text() const { return host + ":" + std::to_string(port); }
};

// What the builder is told where the upstream answers `location`: the same path at `own` ("127.0.0.1:5000")
// where it leads to the upstream itself; anything else, a path alone among it, as it is.
std::string rewrite_location(std::string_view location, const Upstream& upstream, std::string_view own);

}  // namespace buildlab::network
