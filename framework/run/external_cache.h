// The external cache of a runner: where the build that fills it exports to, what every run imports, and where
// a run exports to. What a run exports is not what the next one imports, so that all start from the same
// state; an image reference that the user named is read and written by each, as runners do.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/engine/base_image.h"
#include "framework/engine/request.h"
#include "framework/engine/toolchain.h"
#include "framework/scenario/scenario.h"

namespace buildlab::run {

// What one build is told of the cache.
struct CacheUse {
  std::vector<engine::CacheAttributes> imports = {};
  std::vector<engine::CacheAttributes> exports = {};
  std::optional<std::string> push = {};  // inline: the image that carries the cache
  std::map<std::string, std::string> push_attributes = {};
};

// Of the private registry's cache, which the priming build fills.
inline constexpr const char* k_primed_tag = "primed";

class ExternalCache {
 public:
  // `folder` holds what is kept on this machine: the private registry, the local cache. An error for a
  // service that is not there at all, which a build would tell of late or never.
  static Result<ExternalCache> open(const engine::Toolchain& toolchain, const scenario::Backend& backend,
                                    const std::filesystem::path& folder);

  bool exists() const { return !m_place.empty(); }
  CacheUse priming() const;
  CacheUse measured(int iteration) const;
  // "localhost:5000" of the private registry, before which a proxy is put; "" without one.
  std::string registry() const { return m_server ? m_server->endpoint() : ""; }
  // Whether there is something to import; a local folder without an index gives no sign in the build.
  bool is_filled() const;

 private:
  Status open_reference(const engine::Toolchain& toolchain);
  CacheUse use(const std::string& place, const std::string& from) const;

  scenario::Backend m_backend;
  std::filesystem::path m_folder;
  std::shared_ptr<engine::RegistryServer> m_server;
  std::string m_place;  // what priming writes: a folder, a reference, a name
};

// The same, with the private registry asked for at one address to import and at one to export.
CacheUse through_proxy(CacheUse use, const std::string& registry, const std::string& imports_at,
                       const std::string& exports_at);

}  // namespace buildlab::run
