// The proxy between a builder and the private registry of its cache, and what it counted as the record's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/engine/request.h"
#include "framework/fault/fault.h"
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

record::Transfer to_transfer(const network::Transfers& transfers);

// "pull cut after_bytes=65536" of each.
std::vector<std::string> fault_texts(const std::vector<fault::Fault>& faults);

}  // namespace buildlab::run
