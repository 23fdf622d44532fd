// What this machine is like for builders: facts for `doctor` and for the error that is better told before a
// run.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/bytes.h"
#include "framework/base/time.h"

namespace buildlab::engine {

struct RootlessFacts {
  bool subordinate_users = false;   // a range for this user in /etc/subuid
  bool subordinate_groups = false;  // and in /etc/subgid
  std::optional<std::filesystem::path> rootlesskit;
  std::optional<std::filesystem::path> newuidmap;
  std::optional<std::filesystem::path> newgidmap;
};

struct HostFacts {
  bool root = false;
  RootlessFacts rootless;
  std::string kernel;  // "6.18.5"
  int cores = 0;       // that this process may use
  // Why an overlay mount failed below the cache folder; nullopt when it worked. Tried in a mount namespace of
  // its own.
  std::optional<std::string> overlay_failure;
  std::filesystem::path cache;
  std::optional<Bytes> disk_free;                     // at the cache folder; nullopt when it cannot be read
  bool clock_plausible = false;                       // not before 2025
  std::optional<std::filesystem::path> decompressor;  // igzip or unpigz: builders use it to extract layers
  std::optional<std::filesystem::path> mmdebstrap;    // makes local bases
  std::optional<std::filesystem::path> docker;
  bool docker_buildx = false;  // `docker buildx version` works
};

HostFacts look_at_host();

// Facts that need the network, up to 3 s each; apart from the others so that a caller may leave them out.
struct NetworkFacts {
  bool hub_answers = false;
  std::vector<std::filesystem::path> host_authorities;  // of its own: the sign of a network that opens TLS
};

NetworkFacts look_at_network();

}  // namespace buildlab::engine
