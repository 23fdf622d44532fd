#include "framework/run/cache_proxy.h"

#include <fmt/format.h>
#include <charconv>

#include "framework/metrics/statistics.h"

namespace buildlab::run {
namespace {

record::BlobTransfer to_row(const network::BlobRow& row) {
  record::BlobTransfer made;
  made.digest = row.digest;
  made.media = row.media;
  made.direction = row.direction == network::Direction::down ? "down" : "up";
  made.count = row.count;
  made.complete = row.complete;
  made.bytes = row.bytes;
  made.size_bytes = row.size;
  made.seconds = to_seconds(row.time);
  return made;
}

}  // namespace

Result<std::unique_ptr<network::Proxy>> start_cache_proxy(const std::string& registry,
                                                          const std::vector<fault::Fault>& faults,
                                                          const std::string& import_tag,
                                                          std::optional<int> build) {
  const std::size_t colon = registry.rfind(':');
  network::Upstream upstream{registry.substr(0, colon), 0};
  const char* end = registry.data() + registry.size();
  const char* begin = colon == std::string::npos ? end : registry.data() + colon + 1;
  const auto parsed = std::from_chars(begin, end, upstream.port);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    return fail(ErrorKind::infrastructure,
                fmt::format("a proxy before the registry {}: that is no host and port", registry));
  }
  network::Plan plan;
  plan.faults = faults;
  plan.import_reference = import_tag;
  plan.build = build;
  return network::Proxy::start(upstream, plan);
}

std::vector<engine::CacheAttributes> through_proxy(std::vector<engine::CacheAttributes> caches,
                                                   const std::string& registry, const std::string& proxy) {
  for (engine::CacheAttributes& cache : caches) {
    const auto ref = cache.attributes.find("ref");
    if (ref != cache.attributes.end() && ref->second.starts_with(registry + "/"))
      ref->second.replace(0, registry.size(), proxy);
  }
  return caches;
}

record::Transfer to_transfer(const network::Transfers& transfers) {
  const network::Account account = network::account(transfers.exchanges, transfers.described);
  record::Transfer made;
  made.requests = account.requests;
  made.bytes_up = account.bytes_up;
  made.bytes_down = account.bytes_down;
  made.retries = account.retries;
  made.cut = account.cut;
  made.faults = account.disturbed;
  std::vector<double> first_byte;
  for (const Nanoseconds time : account.first_byte) first_byte.push_back(to_seconds(time));
  made.first_byte_sec = metrics::median(first_byte);
  for (const network::BlobRow& row : account.blobs) made.blobs.push_back(to_row(row));
  return made;
}

std::vector<std::string> fault_texts(const std::vector<fault::Fault>& faults) {
  std::vector<std::string> texts;
  for (const fault::Fault& fault : faults) texts.push_back(to_string(fault));
  return texts;
}

}  // namespace buildlab::run
