// An HTTP/1.1 server on loopback that stands before a registry, or before what RUN steps fetch from: it
// passes requests on, counts them, and makes the faults of its plan. Bodies stream through; no blob is held
// in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/network/accounting.h"
#include "framework/network/disturbance.h"
#include "framework/network/manifest.h"
#include "framework/network/target.h"

namespace buildlab::network {

// What passed by so far.
struct Transfers {
  std::vector<Exchange> exchanges;  // at most k_max_exchanges
  Descriptions described;           // by the manifests that passed by
  std::uint64_t left_out = 0;       // exchanges beyond those
  std::uint64_t turned_away = 0;    // connections that could not be served for want of descriptors or memory
};

inline constexpr std::size_t k_max_exchanges = 100000;
// At once; further ones wait until one of these has ended. Fewer where this process may open few descriptors.
inline constexpr std::size_t k_max_connections = 256;

class Proxy {
 public:
  // Plain HTTP on both sides. The upstream is connected to when the first request comes; where it refuses or
  // is cut, so is the client's connection.
  static Result<std::unique_ptr<Proxy>> start(const Upstream& upstream, const Plan& plan);
  // Stands before every server, over HTTP and HTTPS: its requests name theirs (framework/base/through_url.h),
  // and each exchange has the URL as its target's path. Takes GET and HEAD. It has the rights of this process
  // (its proxies with their credentials, its authorities), and every user of the machine can connect: only
  // who knows its entrance is served.
  static Result<std::unique_ptr<Proxy>> start_for_fetches(Plan plan);
  virtual ~Proxy() = default;

  virtual std::string endpoint() const = 0;  // "localhost:PORT"
  // "/WORD" of random digits before the paths of one for fetches; "" of any other.
  virtual std::string entrance() const = 0;
  // Waits a moment for exchanges that have begun, as a client may know of their end before the proxy does;
  // those that do not end are left out until they do.
  virtual Transfers transfers() = 0;
  // Whether a cache's configuration has passed by whole, so that its import is over.
  virtual bool gave_configuration() const = 0;
  // Ends all connections (what was under way counts as cut) and threads; what the destructor does too.
  virtual void stop() = 0;
};

}  // namespace buildlab::network
