#include "framework/run/external_cache.h"

#include <fmt/format.h>

#include "framework/base/environment.h"
#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/engine/base_image.h"
#include "framework/run/cache_proxy.h"
#include "framework/scenario/cache_attributes.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;
using engine::CacheAttributes;
using scenario::Backend;
using scenario::CacheMode;

// Where the user names none. Not BuildKit's own default, "buildkit": that may be the cache of his real
// builds, which priming would write over.
constexpr const char* k_default_name = "build-lab";

std::string attribute_of(const Backend& backend, const std::string& name, const std::string& otherwise) {
  const auto found = backend.cache_attributes.find(name);
  return found == backend.cache_attributes.end() ? otherwise : found->second;
}

bool has_attribute(const Backend& backend, const std::string& name) {
  return backend.cache_attributes.contains(name) ||
         backend.cache_attributes.contains(name + std::string(scenario::k_from_environment));
}

// Of a service that BuildKit's own environment may name too.
Status require_attribute(const Backend& backend, const std::string& name, const char* variable) {
  if (has_attribute(backend, name) || !environment(variable).empty()) return {};
  return fail(ErrorKind::usage,
              fmt::format("cache_mode {} needs the attribute \"{}\"", to_string(backend.cache_mode), name),
              {fmt::format("write it into \"cache_attributes\", or set {}", variable)});
}

// What a runner of GitHub sets; a server of one's own is named by attributes.
Status require_github(const Backend& backend) {
  const bool url = has_attribute(backend, "url") || has_attribute(backend, "url_v2") ||
                   !environment("ACTIONS_CACHE_URL").empty() || !environment("ACTIONS_RESULTS_URL").empty();
  const bool token = has_attribute(backend, "token") || !environment("ACTIONS_RUNTIME_TOKEN").empty();
  if (url && token) return {};
  return fail(
      ErrorKind::infrastructure,
      fmt::format("cache_mode gha: that service exists only inside GitHub's runners, and {} {} not set",
                  url     ? "ACTIONS_RUNTIME_TOKEN"
                  : token ? "ACTIONS_RESULTS_URL"
                          : "ACTIONS_RESULTS_URL and ACTIONS_RUNTIME_TOKEN",
                  url != token ? "is" : "are"),
      {"in a workflow, hand these two on to the step: actions get them, steps with \"run\" do not",
       "elsewhere, compare with another cache_mode, or give \"url\" and \"token_env\" of a server that "
       "speaks the same protocol"});
}

Status require_service(const Backend& backend) {
  switch (backend.cache_mode) {
    case CacheMode::s3:
      BUILDLAB_TRY(require_attribute(backend, "bucket", "AWS_BUCKET"));
      return require_attribute(backend, "region", "AWS_REGION");
    case CacheMode::azblob:
      return require_attribute(backend, "account_url", "BUILDKIT_AZURE_STORAGE_ACCOUNT_URL");
    case CacheMode::gha:
      return require_github(backend);
    case CacheMode::none:
    case CacheMode::builder:
    case CacheMode::local:
    case CacheMode::registry:
    case CacheMode::inlined:
      return {};
  }
  return {};
}

// "a-run;b-run" of "a;b".
std::string names_of_runs(const std::string& names) {
  std::string made;
  for (const std::string_view name : split(names, ';'))
    made += fmt::format("{}{}-run", made.empty() ? "" : ";", name);
  return made;
}

// The scenario's own attributes: all that BuildKit's exporter knows, or only what the importer does too.
CacheAttributes declared(const Backend& backend, bool exports) {
  CacheAttributes made;
  made.type = to_string(backend.cache_mode);
  for (const auto& [key, value] : backend.cache_attributes) {
    const auto* attribute = scenario::find_cache_attribute(backend.cache_mode, key);
    if (attribute == nullptr) {
      made.secrets[key.substr(0, key.size() - scenario::k_from_environment.size())] = value;
    } else if (exports || !attribute->exports_only) {
      made.attributes[key] = value;
    }
  }
  // The image of the same build is written with gzip, and a layer that is compressed in one way already is
  // not compressed in another unless it is told to be: without this, all compressions would carry the same
  // bytes.
  if (exports && made.attributes.contains("compression"))
    made.attributes.try_emplace("force-compression", "true");
  if (exports && scenario::has_export_mode(backend.cache_mode))
    made.attributes["mode"] = backend.cache_export_mode;
  return made;
}

}  // namespace

Status ExternalCache::open_reference(const engine::Toolchain& toolchain) {
  if (m_backend.cache_ref) {
    m_place = *m_backend.cache_ref;
    return {};
  }
  if (!toolchain.registry) {
    return fail(ErrorKind::infrastructure,
                fmt::format("cache_mode {} without a cache_ref needs a registry server, and none was found",
                            to_string(m_backend.cache_mode)),
                {"install the package docker-registry, or set BUILDLAB_REGISTRY to a registry program"});
  }
  BUILDLAB_TRY(make_directories(m_folder));
  BUILDLAB_ASSIGN(m_server, engine::RegistryServer::start(*toolchain.registry, m_folder / "registry"));
  m_place = fmt::format("{}/buildlab/cache:{}", m_server->endpoint(), k_primed_tag);
  return {};
}

Result<ExternalCache> ExternalCache::open(const engine::Toolchain& toolchain, const Backend& backend,
                                          const fs::path& folder) {
  ExternalCache cache;
  cache.m_backend = backend;
  cache.m_folder = folder;
  if (!scenario::is_external(backend.cache_mode)) return cache;
  BUILDLAB_TRY(require_service(backend));
  switch (backend.cache_mode) {
    case CacheMode::local:
      cache.m_place = (folder / k_primed_tag).string();
      break;
    case CacheMode::registry:
    case CacheMode::inlined:
      BUILDLAB_TRY(cache.open_reference(toolchain));
      break;
    case CacheMode::gha:
      cache.m_place = attribute_of(backend, "scope", k_default_name);
      break;
    case CacheMode::s3:
    case CacheMode::azblob:
    case CacheMode::none:
    case CacheMode::builder:
      cache.m_place = attribute_of(backend, "name", k_default_name);
      break;
  }
  return cache;
}

CacheUse ExternalCache::use(const std::string& place, const std::string& from) const {
  CacheUse made;
  CacheAttributes to = declared(m_backend, true);
  CacheAttributes source = declared(m_backend, false);
  const auto set = [&](const char* to_key, const char* from_key) {
    to.attributes[to_key] = place;
    source.attributes[from_key] = from;
  };
  switch (m_backend.cache_mode) {
    case CacheMode::none:
    case CacheMode::builder:
      return made;
    case CacheMode::local:
      set("dest", "src");
      break;
    case CacheMode::registry:
      set("ref", "ref");
      break;
    case CacheMode::inlined:
      made.push = place;
      made.push_attributes = to.attributes;
      to.attributes.clear();
      source = {"registry", {{"ref", from}}};
      break;
    case CacheMode::gha:
      set("scope", "scope");
      break;
    case CacheMode::s3:
    case CacheMode::azblob:
      set("name", "name");
      break;
  }
  made.exports = {std::move(to)};
  if (!from.empty()) made.imports = {std::move(source)};
  return made;
}

CacheUse ExternalCache::priming() const {
  return use(m_place, "");
}

CacheUse ExternalCache::measured(int iteration) const {
  std::string to = m_place;
  if (m_backend.cache_mode == CacheMode::local) {
    to = (m_folder / fmt::format("run-{}", iteration)).string();
  } else if (m_server) {
    to += "-run";
  } else if (!scenario::has_reference(m_backend.cache_mode)) {
    to = names_of_runs(m_place);
  }
  return use(to, m_place);
}

bool ExternalCache::is_filled() const {
  std::error_code code;
  return m_backend.cache_mode != CacheMode::local || fs::exists(fs::path(m_place) / "index.json", code);
}

CacheUse through_proxy(CacheUse use, const std::string& registry, const std::string& imports_at,
                       const std::string& exports_at) {
  use.imports = through_proxy(std::move(use.imports), registry, imports_at);
  use.exports = through_proxy(std::move(use.exports), registry, exports_at);
  if (use.push && use.push->starts_with(registry + "/")) use.push->replace(0, registry.size(), exports_at);
  return use;
}

}  // namespace buildlab::run
