// A name server of one build on a loopback address of its own. It leads the two names of the build's registry
// to a proxy, or astray where a fault says so, and passes all other questions on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/fault/fault.h"

namespace buildlab::network {

// Nobody's, for ever (RFC 6761). Two hosts, so that a look-up tells what it is for.
inline constexpr const char* k_registry_domain = "buildlab.test";
inline constexpr const char* k_import_host = "cache.buildlab.test";
inline constexpr const char* k_export_host = "export.buildlab.test";

struct NamePlan {
  std::vector<fault::Fault> faults = {};
  std::optional<int> build = std::nullopt;  // the measured one that it is for
  // The proxy on 127.0.0.1 that the names lead to. On the same port of the server's own address every packet
  // vanishes: that is where an unreachable host lies.
  std::uint16_t proxy_port = 0;
  // Whether the import is over: from then on a look-up of its host is for pull. Asked by another thread.
  std::function<bool()> imported = {};
  std::vector<std::string> servers = {};  // addresses that other questions are passed on to
  std::uint16_t servers_port = 53;
  // A resolver asks at 53, which needs the right to; 0 is any.
  std::uint16_t port = 53;
};

class NameServer {
 public:
  static Result<std::unique_ptr<NameServer>> start(NamePlan plan);
  virtual ~NameServer() = default;

  virtual std::string address() const = 0;  // "127.53.4.9"
  virtual std::uint16_t port() const = 0;
  // Look-ups that a fault was applied to, so far.
  virtual int disturbed() const = 0;
  virtual int disturbed_to_read() const = 0;  // those of them that were to import or to pull
};

}  // namespace buildlab::network
