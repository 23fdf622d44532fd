// Whom a machine asks for names: what resolv.conf(5) says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace buildlab {

struct ResolverSettings {
  std::vector<std::string> servers;  // addresses, the first three at most
  std::vector<std::string> search;
  std::vector<std::string> options;

  friend bool operator==(const ResolverSettings&, const ResolverSettings&) = default;
};

// Lines that are no settings, and servers that are no addresses, are passed over. Pure.
ResolverSettings parse_resolver(std::string_view text);

// A file that says the same. Pure.
std::string resolver_text(const ResolverSettings& resolver);

// This machine's. Where it is systemd's server on loopback that is asked, the servers that this one asks.
ResolverSettings machine_resolver();

}  // namespace buildlab
