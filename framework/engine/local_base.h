// A stand-in for debian:SUITE and debian:SUITE-slim, made on this machine and kept in the cache folder as the
// storage of a registry server.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/digest.h"
#include "framework/base/result.h"

namespace buildlab::engine {

struct LocalBase {
  std::string suite;
  std::string architecture;                        // Debian's and OCI's name: "amd64", "arm64"
  std::vector<std::filesystem::path> authorities;  // put into its trust store
};

// The folder that holds all suites of one architecture with the same authorities (and the same recipe).
Result<std::filesystem::path> local_base_storage(const std::string& architecture,
                                                 const std::vector<std::filesystem::path>& authorities);

// The manifest's digest; makes the base when `storage` does not hold it. Several processes may ask at once:
// one makes it. It is there whole or not at all.
Result<Digest> ensure_local_base(const LocalBase& base, const std::filesystem::path& storage,
                                 const std::function<void(std::string_view)>& report);

// The image's configuration and manifest, from its one layer. Pure.
struct Layer {
  Digest blob;
  Digest content;  // of the uncompressed tar
  std::uint64_t size = 0;
};
std::string image_config(const LocalBase& base, const Layer& layer);
std::string image_manifest(const std::string& config, const Layer& layer);

}  // namespace buildlab::engine
