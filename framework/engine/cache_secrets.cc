#include "framework/engine/cache_secrets.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/environment.h"

namespace buildlab::engine {
namespace {

std::vector<std::string> variables_of(const std::string& type) {
  if (type == "gha") return {"ACTIONS_RUNTIME_TOKEN"};
  if (type == "s3") return {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"};
  if (type == "azblob") return {"AZURE_CLIENT_SECRET"};
  return {};
}

}  // namespace

Result<BuildRequest> with_cache_secrets(BuildRequest request) {
  for (auto* caches : {&request.cache_imports, &request.cache_exports}) {
    for (CacheAttributes& cache : *caches) {
      for (const auto& [name, variable] : cache.secrets) {
        const std::string value = environment(variable.c_str());
        if (value.empty()) {
          return fail(ErrorKind::usage,
                      fmt::format("cache {}: the environment variable {} for {} is not set", cache.type,
                                  variable, name),
                      {"set it, or leave the attribute out where the service needs none"});
        }
        cache.attributes[name] = value;
      }
      cache.secrets.clear();
    }
  }
  return request;
}

std::vector<std::string> cache_secret_values(const BuildRequest& request) {
  std::vector<std::string> values;
  const auto add = [&values](const std::string& variable) {
    std::string value = environment(variable.c_str());
    if (!value.empty() && std::find(values.begin(), values.end(), value) == values.end())
      values.push_back(std::move(value));
  };
  if (request.fetch_server) {
    const std::size_t word = request.fetch_server->find('/');
    if (word != std::string::npos) values.push_back(request.fetch_server->substr(word + 1));
  }
  for (const auto* caches : {&request.cache_imports, &request.cache_exports}) {
    for (const CacheAttributes& cache : *caches) {
      for (const auto& [name, variable] : cache.secrets) add(variable);
      for (const std::string& variable : variables_of(cache.type)) add(variable);
    }
  }
  return values;
}

}  // namespace buildlab::engine
