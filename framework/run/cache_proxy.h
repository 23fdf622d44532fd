// The proxy between a builder and the private registry of its cache, and what it counted as the record's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/engine/builder.h"
#include "framework/engine/request.h"
#include "framework/fault/fault.h"
#include "framework/network/name_server.h"
#include "framework/network/proxy.h"
#include "framework/record/transfer.h"

namespace buildlab::run {

// Before the registry "localhost:5000".
Result<std::unique_ptr<network::Proxy>> start_cache_proxy(const std::string& registry,
                                                          const std::vector<fault::Fault>& faults,
                                                          const std::string& import_tag,
                                                          std::optional<int> build = std::nullopt);

// The same caches, asked for at `proxy` where they lie in `registry`.
std::vector<engine::CacheAttributes> through_proxy(std::vector<engine::CacheAttributes> caches,
                                                   const std::string& registry, const std::string& proxy);

// A builder's way to the registry: the proxy's address, or, where a fault is of the way, names that lead
// there.
struct CacheWay {
  std::unique_ptr<network::Proxy> proxy;
  std::unique_ptr<network::NameServer> names;  // nullptr where the proxy is asked for by its address
  std::string import_tag = {};                 // of the cache that is read

  // "cache.buildlab.test:5000"
  std::string import_endpoint() const;
  std::string export_endpoint() const;
};
Result<CacheWay> open_way(const std::string& registry, const std::vector<fault::Fault>& faults,
                          const std::string& import_tag, std::optional<int> build);

// What a builder has to be told of the way.
void tell_of_way(const CacheWay& way, engine::BuilderOptions& options);

// `import_tag` of the cache that is read: a look at another one is of the export.
record::Transfer to_transfer(const network::Transfers& transfers, const std::string& import_tag);
// With the look-ups of its names.
record::Transfer transfer_of(const CacheWay& way);

// "pull cut after_bytes=65536" of each.
std::vector<std::string> fault_texts(const std::vector<fault::Fault>& faults);

}  // namespace buildlab::run
