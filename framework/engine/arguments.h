// A build request as arguments of the client, and as the policy file that pins its base images. Pure.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "framework/engine/request.h"

namespace buildlab::engine {

// What the client writes, by name; all lie in the build's folder.
struct ClientFiles {
  std::filesystem::path metadata;
  std::filesystem::path reference;  // the build's name in the daemon's history
  std::filesystem::path image;
  std::filesystem::path policy;  // given only where needs_policy()
};

ClientFiles client_files(const std::filesystem::path& folder);

// Whether ClientFiles.policy is to be written.
bool needs_policy(const BuildRequest& request);

// "build --progress=rawjson …": what follows the client's program and address.
std::vector<std::string> build_arguments(const BuildRequest& request, const ClientFiles& files);

// BuildKit's source policy: each pinned reference is converted to its digest, and each URL to one that leads
// through the server of that request, where it has one.
std::string source_policy(const std::map<std::string, Digest>& pins,
                          const std::optional<std::string>& fetch_server = std::nullopt);

}  // namespace buildlab::engine
