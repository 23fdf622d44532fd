// The HTTP proxy that the environment names (HTTP_PROXY, HTTPS_PROXY, NO_PROXY), as curl and Go's clients
// choose it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "framework/base/result.h"

namespace buildlab {

struct Endpoint {
  std::string host;
  std::string port;
  std::string credentials = {};  // "user:word" of a proxy's URL, decoded; "" without

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// "host:port", "[::1]:443", "http://user:word@proxy:3128/"; `default_port` where none is given. nullopt for
// an empty host or a port that is no number.
std::optional<Endpoint> parse_endpoint(std::string_view text, const std::string& default_port);

// Whether NO_PROXY's list names the host: itself, a domain that it lies in ("a.org", ".a.org", "*.a.org"), a
// range that its address lies in ("10.0.0.0/8"), or "*". An entry with a port ("a.org:8080", "[::1]:80")
// names that port of it alone.
bool bypasses_proxy(std::string_view name, std::string_view no_proxy, std::string_view port = "");

// The proxy that a request to the host's port goes through; nullopt where it goes straight to the server, as
// to loopback always. An error where the variable names one that cannot be spoken to: anything but plain
// HTTP, or no address at all. It is never left out in silence, and its credentials are never told.
Result<std::optional<Endpoint>> proxy_for(bool tls, const std::string& host, const std::string& port);

// What asks a proxy for a way to the server, with the proxy's credentials where there are some.
std::string connect_request(const Endpoint& server, const Endpoint& proxy);
// The value of the field Proxy-Authorization; "" without credentials.
std::string proxy_authorization(const Endpoint& proxy);

}  // namespace buildlab
