// Whether a registry answers at all: asked once before a run, so that "no network" is a sentence and not a
// failed build.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "framework/base/time.h"

namespace buildlab::engine {

struct Endpoint {
  std::string host;
  std::string port;
  std::string credentials = {};  // "user:word" of a proxy's URL, decoded; "" without

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// "host:port", "[::1]:443", "http://user:word@proxy:3128/"; `default_port` where none is given. nullopt for
// an empty host or a port that is no number.
std::optional<Endpoint> parse_endpoint(std::string_view text, const std::string& default_port);

// Whether NO_PROXY's list names the host: itself, a domain that it lies in (with or without the dot in
// front), or "*".
bool bypasses_proxy(std::string_view host, std::string_view no_proxy);

// True when `GET /v2/` over TLS gets any HTTP answer within `limit`, through `proxy` where one is given.
// Names, connection, handshake and answer share the limit; a name that does not resolve is a "no" at once.
// Certificates are not checked: a wrong one is the builder's to report.
bool answers_https(const Endpoint& server, const std::optional<Endpoint>& proxy, Nanoseconds limit);

}  // namespace buildlab::engine
