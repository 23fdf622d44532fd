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
  ++m_under_way;
  return m_disturbance.next(asked, m_transfers.described, now());
}

void Shared::end(Exchange exchange, const std::optional<std::string>& manifest) {
  {
    const std::lock_guard lock(m_mutex);
    if (manifest) describe_blobs(*manifest, m_transfers.described);
    if (is_configuration(exchange, m_transfers.described)) m_gave_configuration = true;
    if (m_transfers.exchanges.size() < k_max_exchanges) {
      m_transfers.exchanges.push_back(std::move(exchange));
    } else {
      ++m_transfers.left_out;
    }
    --m_under_way;
  }
  m_changed.notify_all();
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

}  // namespace buildlab::network
