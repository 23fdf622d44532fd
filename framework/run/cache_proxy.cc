#include "framework/run/cache_proxy.h"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <utility>

#include "framework/base/environment.h"
#include "framework/base/resolver.h"
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

record::ReadTrouble reading_of(const network::Transfers& transfers, const std::string& import_tag) {
  std::vector<network::Exchange> reads;
  for (const network::Exchange& exchange : transfers.exchanges) {
    const network::Asked asked{exchange.method, exchange.target};
    if (network::place_of(asked, transfers.described, import_tag) != fault::At::write)
      reads.push_back(exchange);
  }
  const network::Account account = network::account(std::move(reads), transfers.described);
  return {account.retries, account.cut, account.disturbed};
}

// Whether one is of the way to such a place.
template <typename Wanted>
bool concerns_way(const std::vector<fault::Fault>& faults, const Wanted& wanted) {
  return std::any_of(faults.begin(), faults.end(), [&](const fault::Fault& fault) {
    return fault::is_of_way(fault.kind) && wanted(fault.at);
  });
}

std::uint16_t port_of(const network::Proxy& proxy) {
  const std::string endpoint = proxy.endpoint();
  std::uint16_t port = 0;
  std::from_chars(endpoint.data() + endpoint.rfind(':') + 1, endpoint.data() + endpoint.size(), port);
  return port;
}

std::string endpoint_of(const char* host, const network::Proxy& proxy) {
  return fmt::format("{}:{}", host, port_of(proxy));
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
  plan.keeps_connections = !concerns_way(faults, [](fault::At at) { return at == fault::At::pull; });
  return network::Proxy::start(upstream, plan);
}

std::string CacheWay::import_endpoint() const {
  return names ? endpoint_of(network::k_import_host, *proxy) : proxy->endpoint();
}

std::string CacheWay::export_endpoint() const {
  return names ? endpoint_of(network::k_export_host, *proxy) : proxy->endpoint();
}

Result<CacheWay> open_way(const std::string& registry, const std::vector<fault::Fault>& faults,
                          const std::string& import_tag, std::optional<int> build) {
  CacheWay way;
  way.import_tag = import_tag;
  BUILDLAB_ASSIGN(way.proxy, start_cache_proxy(registry, faults, import_tag, build));
  if (!concerns_way(faults, [](fault::At at) { return at != fault::At::fetch; })) return way;
  network::NamePlan plan;
  plan.faults = faults;
  plan.build = build;
  plan.proxy_port = port_of(*way.proxy);
  plan.imported = [proxy = way.proxy.get()] { return proxy->gave_configuration(); };
  plan.servers = machine_resolver().servers;
  BUILDLAB_ASSIGN(way.names, network::NameServer::start(std::move(plan)));
  return way;
}

void tell_of_way(const CacheWay& way, engine::BuilderOptions& options) {
  options.plain_http_registries.push_back(way.import_endpoint());
  options.plain_http_registries.push_back(way.export_endpoint());
  if (!way.names) return;
  std::string no_proxy = environment("NO_PROXY");
  if (no_proxy.empty()) no_proxy = environment("no_proxy");
  options.names = engine::OwnNames{
      .server = way.names->address(),
      .no_proxy = fmt::format("{}{}{}", no_proxy, no_proxy.empty() ? "" : ",", network::k_registry_domain),
      .machine = machine_resolver()};
}

record::Transfer transfer_of(const CacheWay& way) {
  record::Transfer made = to_transfer(way.proxy->transfers(), way.import_tag);
  if (!way.names) return made;
  // Read one after the other while the server goes on: the part first, so that it is never above the whole.
  made.reading->lookup_faults = way.names->disturbed_to_read();
  made.lookup_faults = way.names->disturbed();
  return made;
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

record::Transfer to_transfer(const network::Transfers& transfers, const std::string& import_tag) {
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
  made.reading = reading_of(transfers, import_tag);
  made.left_out = transfers.left_out;
  made.turned_away = transfers.turned_away;
  return made;
}

std::vector<std::string> fault_texts(const std::vector<fault::Fault>& faults) {
  std::vector<std::string> texts;
  for (const fault::Fault& fault : faults) texts.push_back(to_string(fault));
  return texts;
}

}  // namespace buildlab::run
