// Base images: resolved once per run and pinned; made locally where docker.io does not answer and it is
// allowed.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/digest.h"
#include "framework/base/result.h"
#include "framework/engine/builder.h"

namespace buildlab::engine {

// A private registry server on loopback, ended with this process.
class RegistryServer {
 public:
  static Result<std::unique_ptr<RegistryServer>> start(const Tool& registry,
                                                       const std::filesystem::path& storage);
  virtual ~RegistryServer() = default;
  virtual std::string endpoint() const = 0;  // "localhost:PORT"
};

struct ResolvedBase {
  std::string reference;  // as in the Dockerfile
  std::string canonical;  // "docker.io/library/debian:bookworm-slim"
  Digest digest;
  bool made_locally = false;
  bool trusts_host_authorities = false;  // a local base with the host's own certificate authorities in it
};

struct BaseImages {
  std::vector<ResolvedBase> resolved;
  std::vector<Mirror> mirrors;                     // to give to every builder of the run
  std::shared_ptr<RegistryServer> local_registry;  // alive as long as builders need it
};

// Whether docker.io answers within 3 s.
bool docker_hub_answers();
// Authorities that the host trusts of its own (/usr/local/share/ca-certificates and the like), as files.
std::vector<std::filesystem::path> host_authorities();

// Resolves `references`. When docker.io does not answer: a local stand-in for debian:SUITE[-slim] where
// `allow_local`, else an infrastructure error that says what to do. `report` gets one line per long step.
// What `pinned` names (by its canonical reference) keeps that digest and is not asked for; an image that was
// made locally has to be the same still.
Result<BaseImages> resolve_bases(const Toolchain& toolchain, const std::vector<std::string>& references,
                                 const std::string& platform, bool allow_local,
                                 const std::function<void(std::string_view)>& report,
                                 const std::vector<ResolvedBase>& pinned = {});

}  // namespace buildlab::engine
