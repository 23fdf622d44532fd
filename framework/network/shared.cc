#include "framework/network/shared.h"

#include <algorithm>
#include <cmath>

namespace buildlab::network {
namespace {

bool is_configuration(const Exchange& exchange, const Descriptions& known) {
  if (exchange.method != "GET" || exchange.target.path_class != PathClass::blob) return false;
  const auto described = known.find(exchange.target.digest);
  return described != known.end() && described->second.media == "config" && exchange.status == 200 &&
         !exchange.cut;
}

}  // namespace

Disturbed Shared::begin(const Asked& asked) {
  const std::lock_guard lock(m_mutex);
  Disturbed disturbed = m_disturbance.next(asked, m_transfers.described, now());
  ++m_under_way;
  return disturbed;
}

void Shared::end(Exchange exchange, const std::optional<std::string>& manifest) noexcept {
  {
    const std::lock_guard lock(m_mutex);
    --m_under_way;
    try {
      keep(std::move(exchange), manifest);
    } catch (const std::exception&) {
      ++m_transfers.left_out;
    }
  }
  m_changed.notify_all();
}

void Shared::keep(Exchange exchange, const std::optional<std::string>& manifest) {
  if (manifest) describe_blobs(*manifest, m_transfers.described);
  if (is_configuration(exchange, m_transfers.described)) m_gave_configuration = true;
  if (m_transfers.exchanges.size() < k_max_exchanges) {
    m_transfers.exchanges.push_back(std::move(exchange));
  } else {
    ++m_transfers.left_out;
  }
}

Nanoseconds Shared::pace(std::uint64_t bytes, std::uint64_t bytes_per_sec) {
  const std::lock_guard lock(m_mutex);
  const Nanoseconds at = now();
  const double seconds = static_cast<double>(bytes) / static_cast<double>(bytes_per_sec);
  m_free_from = std::max(m_free_from, at) +
                std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(seconds));
  return m_free_from - at;
}

void Shared::turn_away() {
  const std::lock_guard lock(m_mutex);
  ++m_transfers.turned_away;
}

Transfers Shared::transfers(Nanoseconds patience) {
  std::unique_lock lock(m_mutex);
  m_changed.wait_for(lock, patience, [this] { return m_under_way == 0; });
  return m_transfers;
}

UnderWay::UnderWay(Shared& shared, Exchange begun, bool has_body)
    : exchange(std::move(begun)),
      m_shared(shared),
      m_disturbed(shared.begin({exchange.method, exchange.target, has_body})) {
  exchange.disturbed = m_disturbed.any();
  exchange.cut = true;
}

UnderWay::~UnderWay() {
  exchange.end = m_shared.now();
  m_shared.end(std::move(exchange), manifest);
}

}  // namespace buildlab::network
