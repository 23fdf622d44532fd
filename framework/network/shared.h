// What the connections of one proxy share. Private to the room. Safe from several threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "framework/network/proxy.h"

namespace buildlab::network {

class Shared {
 public:
  Shared(Upstream upstream, const Plan& plan)
      : m_upstream(std::move(upstream)), m_keeps_connections(plan.keeps_connections), m_disturbance(plan) {}

  const Upstream& upstream() const { return m_upstream; }
  const std::string& own() const { return m_own; }
  void set_own(std::string endpoint) { m_own = std::move(endpoint); }  // before the first connection
  // What the path of each request begins with, "/WORD"; "" where anybody may ask.
  const std::string& entrance() const { return m_entrance; }
  void set_entrance(std::string path) { m_entrance = std::move(path); }  // before the first connection
  Nanoseconds now() const { return SteadyClock::now() - m_begun; }
  bool keeps_connections() const { return m_keeps_connections; }
  // Whether clients wait for connections of others to end: then none is kept for a further request.
  bool crowded() const { return m_crowded; }
  void set_crowded(bool crowded) { m_crowded = crowded; }
  // Whether a cache's configuration was given whole: what is read afterwards is no import.
  bool gave_configuration() const { return m_gave_configuration; }

  // A request has come: what is to happen to it. Each begin() has its end().
  Disturbed begin(const Asked& asked);
  // `manifest` is the text of one that passed by whole. Where memory has run out the exchange is left out.
  void end(Exchange exchange, const std::optional<std::string>& manifest) noexcept;
  // How long to wait after `bytes` have passed, where all connections together have `bytes_per_sec`.
  Nanoseconds pace(std::uint64_t bytes, std::uint64_t bytes_per_sec);
  void turn_away();

  Transfers transfers(Nanoseconds patience);

 private:
  void keep(Exchange exchange, const std::optional<std::string>& manifest);

  Upstream m_upstream;
  bool m_keeps_connections = true;
  std::atomic<bool> m_crowded = false;
  std::atomic<bool> m_gave_configuration = false;
  std::string m_own;
  std::string m_entrance;
  SteadyClock::time_point m_begun = SteadyClock::now();
  std::mutex m_mutex;
  std::condition_variable m_changed;
  Disturbance m_disturbance;
  Transfers m_transfers;
  std::size_t m_under_way = 0;
  Nanoseconds m_free_from{};  // when the shared bandwidth is free again
};

// A request that has come. Its end is told when this ends, also by an exception; until it is known to have
// come to its end it counts as cut.
class UnderWay {
 public:
  UnderWay(Shared& shared, Exchange begun, bool has_body);
  ~UnderWay();
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  UnderWay(UnderWay&&) = delete;
  UnderWay& operator=(UnderWay&&) = delete;

  const Disturbed& disturbed() const { return m_disturbed; }
  Exchange exchange;
  std::optional<std::string> manifest;

 private:
  Shared& m_shared;
  Disturbed m_disturbed;
};

}  // namespace buildlab::network
