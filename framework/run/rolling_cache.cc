#include "framework/run/rolling_cache.h"

#include <fmt/format.h>

#include "framework/base/file.h"
#include "framework/engine/registry_storage.h"

namespace buildlab::run {

namespace fs = std::filesystem;

namespace {
constexpr const char* k_repository = "buildlab/replay";  // in the private registry
}

Result<std::optional<RollingCache>> RollingCache::open(const scenario::Scenario& scenario,
                                                       const engine::Toolchain& toolchain, fs::path folder) {
  if (scenario.cache_mode == scenario::CacheMode::builder) return std::nullopt;
  RollingCache cache;
  cache.m_folder = std::move(folder);
  cache.m_export_mode = scenario.cache_export_mode;
  if (scenario.cache_mode == scenario::CacheMode::local) return cache;
  if (scenario.cache_ref) {
    cache.m_ref = *scenario.cache_ref;
    return cache;
  }
  if (!toolchain.registry) {
    return fail(ErrorKind::infrastructure,
                "cache_mode registry without a cache_ref needs a registry server, and none was found",
                {"install the package docker-registry, or set BUILDLAB_REGISTRY to a registry program"});
  }
  BUILDLAB_TRY(make_directories(cache.m_folder));
  BUILDLAB_ASSIGN(cache.m_server, engine::RegistryServer::start(*toolchain.registry, cache.m_folder));
  cache.m_registry = toolchain.registry;
  cache.m_ref = fmt::format("{}/{}", cache.m_server->endpoint(), k_repository);
  return cache;
}

std::vector<engine::CacheAttributes> RollingCache::from(const std::string& commit) const {
  if (commit.empty()) return {};
  if (m_ref.empty()) return {{"local", {{"src", (m_folder / commit).string()}}}};
  return {{"registry", {{"ref", m_server ? fmt::format("{}:{}", m_ref, commit) : m_ref}}}};
}

Result<std::vector<engine::CacheAttributes>> RollingCache::to(const std::string& commit) const {
  std::vector<engine::CacheAttributes> to;
  if (m_ref.empty()) {
    BUILDLAB_TRY(remove_tree(m_folder / commit).map([](bool) {}));
    BUILDLAB_TRY(make_directories(m_folder));
    to.push_back({"local", {{"dest", (m_folder / commit).string()}, {"mode", m_export_mode}}});
  } else {
    const std::string ref = m_server ? fmt::format("{}:{}", m_ref, commit) : m_ref;
    to.push_back({"registry", {{"ref", ref}, {"mode", m_export_mode}}});
  }
  return to;
}

Status RollingCache::keep_only(const std::string& commit) const {
  if (m_registry) return engine::keep_only_tag(*m_registry, m_folder, k_repository, commit);
  if (!m_ref.empty()) return {};
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(m_folder, code)) {
    if (entry.path().filename() != commit) BUILDLAB_TRY(remove_tree(entry.path()).map([](bool) {}));
  }
  return {};
}

void RollingCache::let_reach(engine::BuilderOptions& options) const {
  if (m_server) options.plain_http_registries.push_back(m_server->endpoint());
}

bool RollingCache::has(const std::string& commit) const {
  std::error_code code;
  return !m_ref.empty() || fs::exists(m_folder / commit / "index.json", code);
}

}  // namespace buildlab::run
