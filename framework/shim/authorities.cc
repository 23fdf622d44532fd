#include "framework/shim/authorities.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/shim/edit.h"

namespace buildlab::shim {
namespace {

// BuildKit, executor/proxyca_linux.go: the first of these that is there, its marks, its limit.
constexpr const char* k_bundles[] = {"/etc/ssl/certs/ca-certificates.crt",
                                     "/etc/pki/tls/certs/ca-bundle.crt",
                                     "/etc/ssl/ca-bundle.pem",
                                     "/etc/pki/tls/cacert.pem",
                                     "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                                     "/etc/ssl/cert.pem"};
constexpr std::string_view k_begin = "# buildkit proxy CA begin\n";
constexpr std::string_view k_end = "# buildkit proxy CA end\n";
constexpr Bytes k_bundle_limit{11U << 20U};

bool has(const std::vector<std::string>& variables, std::string_view name) {
  return std::any_of(variables.begin(), variables.end(), [name](const std::string& entry) {
    return entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=';
  });
}

}  // namespace

const std::vector<std::string>& authority_variables() {
  static const std::vector<std::string> k_variables = {
      "NODE_EXTRA_CA_CERTS",  // Node.js, npm
      "PIP_CERT",             // pip
      "REQUESTS_CA_BUNDLE",   // Python's requests, which brings certifi
      "SSL_CERT_FILE",        // OpenSSL, Go, rustls-native-certs, uv
      "CURL_CA_BUNDLE",       // the curl command
      "GIT_SSL_CAINFO",       // git
      "CARGO_HTTP_CAINFO",    // cargo
  };
  return k_variables;
}

bool is_proxied(const Json& config) {
  const auto variables = process_texts(config, "env");
  return has(variables, "HTTPS_PROXY") && has(variables, "https_proxy");
}

std::optional<ProxiedBundle> proxied_bundle(const Root& root) {
  for (const char* path : k_bundles) {
    if (!root.has(path)) continue;
    auto text = root.head(path, k_bundle_limit);
    if (!text || proxy_authority(*text).empty()) return std::nullopt;
    return ProxiedBundle{path, std::move(*text)};
  }
  return std::nullopt;
}

std::string proxy_authority(std::string_view bundle) {
  const std::size_t begin = bundle.rfind(k_begin);
  if (begin == std::string_view::npos) return "";
  const std::size_t end = bundle.find(k_end, begin);
  if (end == std::string_view::npos) return "";
  return std::string(bundle.substr(begin + k_begin.size(), end - begin - k_begin.size()));
}

bool trust(Json& config, const std::string& source) {
  const auto own = process_texts(config, "env");
  bool any = false;
  for (const std::string& name : authority_variables()) {
    if (has(own, name)) continue;
    config["process"]["env"].push_back(fmt::format("{}={}", name, k_authorities_in_container));
    any = true;
  }
  if (any) {
    config["mounts"].push_back({{"destination", k_authorities_in_container},
                                {"type", "bind"},
                                {"source", source},
                                {"options", {"bind", "ro", "nosuid", "nodev", "noexec"}}});
  }
  return any;
}

}  // namespace buildlab::shim
