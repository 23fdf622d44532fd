// Private to the room: the external cache of a walk through history. Each commit's runner is fresh: it
// imports what the last commit that was built exported, and exports for the next one.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/engine/base_image.h"
#include "framework/engine/builder.h"
#include "framework/engine/toolchain.h"
#include "framework/scenario/scenario.h"

namespace buildlab::run {

class RollingCache {
 public:
  // nullopt where the walk has a kept builder instead. `folder` keeps the cache from one walk's start to its
  // end, over processes.
  static Result<std::optional<RollingCache>> open(const scenario::Scenario& scenario,
                                                  const engine::Toolchain& toolchain,
                                                  std::filesystem::path folder);

  // Of the commit that was built last, "" for none: no import.
  std::vector<engine::CacheAttributes> from(const std::string& commit) const;
  // What a build that was cut off exported there is removed.
  Result<std::vector<engine::CacheAttributes>> to(const std::string& commit) const;
  // After a commit's build counts: what those before it exported is not needed any more, and is removed where
  // it is this machine's. No build may be under way.
  Status keep_only(const std::string& commit) const;
  void let_reach(engine::BuilderOptions& options) const;
  // Whether what `from` names is there, for cache_mode local.
  bool has(const std::string& commit) const;

 private:
  RollingCache() = default;

  std::filesystem::path m_folder;
  std::shared_ptr<engine::RegistryServer> m_server;  // cache_mode registry without a reference of the user's
  std::optional<engine::Tool> m_registry;            // its program
  std::string m_ref;                                 // without its tag
  std::string m_export_mode;
};

}  // namespace buildlab::run
