// What a manifest that passed by says of blobs: digest, size, and what it is. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace buildlab::network {

struct Described {
  std::string media;  // "layer", "config", "manifest"
  std::uint64_t size = 0;

  friend bool operator==(const Described&, const Described&) = default;
};

using Descriptions = std::map<std::string, Described>;  // by digest

// An image manifest, an index, or what BuildKit writes as a cache: its "layers" (or the members of an index
// that are no manifests) are layers, and what has the media type of a cache's configuration is one. Adds to
// `known`; text that is none of these, or a descriptor that is none, adds nothing. At most `limit` are kept.
void describe_blobs(std::string_view manifest, Descriptions& known, std::size_t limit = 100000);

}  // namespace buildlab::network
