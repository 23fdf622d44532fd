#include "framework/network/serving_relay.h"

#include <unistd.h>
#include <exception>

namespace buildlab::network {

ServingRelay::ServingRelay(int client, Shared& shared)
    : m_shared(shared), m_client(m_loop), m_piece(k_piece), m_handed_over(client) {}

void ServingRelay::run() {
  if (m_client.adopt(asio::ip::tcp::v4(), m_handed_over)) ::close(m_handed_over);
  while (m_client.is_open() && !m_loop.stopped()) {
    if (!wait_for_request()) {
      m_client.close();
      break;
    }
    RequestParser request;
    request.header_limit(k_longest_header);
    request.body_limit(boost::none);
    const error_code error = m_client.read_header(request, k_patience);
    if (!error) {
      serve(request);
    } else if (request.got_some()) {
      m_client.reset();
    } else {
      m_client.close();  // between requests a client may go as it likes
    }
    const std::lock_guard lock(m_idle_mutex);
    m_idle = true;
  }
  close_other_side();
  if (m_client.is_open()) m_client.close();
}

// Whether the next request begins to come. One that has begun is served, whoever wants this to end.
bool ServingRelay::wait_for_request() {
  const bool comes = m_client.has_unread() || m_client.wait_until_readable(k_patience);
  const std::lock_guard lock(m_idle_mutex);
  m_idle = false;
  m_loop.forget_nudge();
  return comes;
}

void ServingRelay::stop_if_idle() {
  const std::lock_guard lock(m_idle_mutex);
  if (m_idle) m_loop.nudge();
}

void ServingRelay::abandon() {
  m_client.reset();
  close_other_side();
}

bool ServingRelay::keeps(const RequestParser& request) const {
  return m_shared.keeps_connections() && !m_shared.crowded() && request.keep_alive();
}

void run_to_end(Relay& relay) {
  try {
    relay.run();
  } catch (const std::exception&) {
    relay.abandon();
  }
}

}  // namespace buildlab::network
