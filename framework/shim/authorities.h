// BuildKit's proxy opens HTTPS with an authority of its own, which BuildKit puts into the image's bundle of
// authorities while a step runs. Programs that bring their own bundle (Node, pip, cargo and others) do not
// look there: variables name them a file that has it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/json.h"
#include "framework/shim/rootfs.h"

namespace buildlab::shim {

// Where the file stands in the container: below /dev, which is a tmpfs of the container, so that nothing of
// it stays in the layer.
inline constexpr const char* k_authorities_in_container = "/dev/buildlab-authorities.pem";

// The variables of programs that have one. Java has none: its trust store is no list of certificates.
const std::vector<std::string>& authority_variables();

// Whether BuildKit gave the container its proxy.
bool is_proxied(const Json& config);

struct ProxiedBundle {
  std::string path;  // in the container
  std::string text;  // with the proxy's authority in it, as it is now
};

// nullopt where the image has no bundle that BuildKit knows of.
std::optional<ProxiedBundle> proxied_bundle(const Root& root);

// The proxy's authority alone, out of such a bundle; "" when it is not marked there.
std::string proxy_authority(std::string_view bundle);

// Mounts `source`, a file of the host, and sets the variables that the image does not set itself. False, and
// nothing is changed, when there is none left to set.
bool trust(Json& config, const std::string& source);

}  // namespace buildlab::shim
