// A builder: a private buildkitd with its own root folder, socket, PID and mount namespace. Fresh (its root
// is removed at the end) or kept. Everything it started ends with it, also when this process is killed.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "framework/base/resolver.h"
#include "framework/base/result.h"
#include "framework/engine/request.h"
#include "framework/engine/toolchain.h"
#include "framework/engine/variations.h"

namespace buildlab::engine {

struct Mirror {
  std::string registry;  // "docker.io"
  std::string endpoint;  // "localhost:5055"; plain HTTP
};

// How this builder differs from a plain one; with no variations it does in nothing.
struct Varied {
  std::vector<variation::Variation> variations = {};
  VariationTools tools = {};
  // For file_order: the root lies in memory with at most so many bytes. Without a value it stays where it is,
  // and another snapshotter is used.
  std::optional<Bytes> memory_root = {};
};

// A name server of the run's own, which the daemon asks in place of the machine's; RUN steps do not.
struct OwnNames {
  std::string server;        // its address; it answers at port 53
  std::string no_proxy;      // the daemon's NO_PROXY: no proxy is asked for the names that it knows
  ResolverSettings machine;  // the machine's own settings
};

struct BuilderOptions {
  Toolchain toolchain;
  std::filesystem::path root;  // its state; made when missing
  bool kept = false;           // false: root is removed when the builder ends
  std::vector<Mirror> mirrors = {};
  std::vector<std::string> plain_http_registries = {};  // "localhost:5055"
  Varied varied = {};
  // The runtime shim, where builds with the proxy network need it (proxy_network.h); else empty.
  std::filesystem::path proxy_shim = {};
  std::optional<OwnNames> names = std::nullopt;
  // It keeps what its cache keys were computed from, for cache_keys(); in memory, and while it runs.
  bool keeps_preimages = false;
};

// Where the time around a build went; each is also part of the artifacts' overhead.
struct Started {
  Nanoseconds ready_after{};  // spawn of the daemon to its first answer
  std::string snapshotter;    // "overlayfs"
  std::string version;
};

class Builder {
 public:
  static Result<std::unique_ptr<Builder>> start(const BuilderOptions& options);
  virtual ~Builder() = default;

  virtual const Started& started() const = 0;

  // Runs one build and keeps its raw artifacts in `folder`. An Error only when the client could not be run or
  // the daemon is gone (infrastructure) or on an interrupt; a failed build is a result with its termination.
  virtual Result<BuildArtifacts> build(const BuildRequest& request, const std::filesystem::path& folder,
                                       const ProgressLine& on_progress) = 0;

  // The provenance of the builds since the last call, from the daemon's history, written into their folders
  // (BuildArtifacts.provenance is set). A failed build has none.
  virtual Status read_provenance(std::vector<BuildArtifacts*> builds) = 0;

  // Ids of all that its cache holds now.
  virtual Result<std::set<std::string>> cache_records() = 0;
  // The keys of its cache with what they were computed from, as the daemon's debug address tells them (JSON);
  // of a builder that keeps them.
  virtual Result<std::string> cache_keys() = 0;
  // What its root occupies on the disk.
  virtual Result<Bytes> disk_usage() = 0;
  // Forgets all that steps made, so that they run again, and keeps what cache mounts hold.
  virtual Status forget_steps() = 0;
  // Removes these from its cache, with what was built upon them.
  virtual Status remove_cache_records(const std::set<std::string>& ids) = 0;

  // Soft end, then the namespace's kill; what the destructor does too.
  virtual Status stop() = 0;
};

// Whether this process may start builders at all; an infrastructure error that says what to do when it may
// not.
Status may_start_builders();

// Ends builders, mounts, sockets and folders that an earlier process left behind (killed, power cut); returns
// what it removed.
Result<std::vector<std::string>> sweep_leftovers();

}  // namespace buildlab::engine
