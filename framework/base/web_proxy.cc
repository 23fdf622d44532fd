#include "framework/base/web_proxy.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <charconv>

#include "framework/base/base64.h"
#include "framework/base/environment.h"
#include "framework/base/percent.h"
#include "framework/base/text.h"

namespace buildlab {
namespace {

struct IpAddress {
  std::array<unsigned char, 16> bytes{};
  int bits = 0;  // 32 or 128
};

std::optional<IpAddress> parse_address(std::string_view text) {
  const std::string address(text);
  IpAddress result;
  if (::inet_pton(AF_INET, address.c_str(), result.bytes.data()) == 1) {
    result.bits = 32;
  } else if (::inet_pton(AF_INET6, address.c_str(), result.bytes.data()) == 1) {
    result.bits = 128;
  } else {
    return std::nullopt;
  }
  return result;
}

bool same_beginning(const IpAddress& a, const IpAddress& b, int bits) {
  for (int bit = 0; bit < bits; ++bit) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    if (((a.bytes[byte] ^ b.bytes[byte]) & (0x80U >> (bit % 8))) != 0) return false;
  }
  return true;
}

// "10.0.0.0/8" and the like.
bool lies_in_range(std::string_view host, std::string_view range) {
  const std::size_t slash = range.find('/');
  if (slash == std::string_view::npos) return false;
  const auto address = parse_address(host);
  const auto network = parse_address(range.substr(0, slash));
  const std::string_view digits = range.substr(slash + 1);
  int bits = -1;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const bool number = parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
  if (!address || !network || !number || address->bits != network->bits) return false;
  return bits >= 0 && bits <= network->bits && same_beginning(*address, *network, bits);
}

bool is_loopback(const std::string& host) {
  if (host == "localhost" || lies_in_range(host, "127.0.0.0/8")) return true;
  return lies_in_range(host, "::1/128");
}

std::string either(const char* name, const char* otherwise) {
  std::string value = environment(name);
  return value.empty() ? environment(otherwise) : value;
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text, const std::string& default_port) {
  if (const std::size_t mark = text.find("://"); mark != std::string_view::npos) text.remove_prefix(mark + 3);
  text = text.substr(0, text.find_first_of("/?#"));
  Endpoint endpoint{.host = {}, .port = default_port};
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    endpoint.credentials = percent_decoded(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    endpoint.host = std::string(text.substr(1, bracket - 1));
    rest = text.substr(bracket + 1);
  } else {
    const std::size_t colon = text.find(':');
    endpoint.host = std::string(text.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
  }
  if (!rest.empty()) {
    if (rest.front() != ':' || rest.size() < 2 || rest.size() > 6) return std::nullopt;
    endpoint.port = std::string(rest.substr(1));
  }
  const bool number =
      std::all_of(endpoint.port.begin(), endpoint.port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (endpoint.host.empty() || !number) return std::nullopt;
  return endpoint;
}

bool bypasses_proxy(std::string_view name, std::string_view no_proxy) {
  const std::string host = to_lower(name);
  const std::string list = to_lower(no_proxy);
  for (std::string_view entry : split(list, ',')) {
    entry = trim(entry);
    if (entry == "*" || lies_in_range(host, entry)) return true;
    if (entry.starts_with("*.")) entry.remove_prefix(1);
    while (entry.starts_with('.')) entry.remove_prefix(1);
    if (entry.empty() || !host.ends_with(entry)) continue;
    if (host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.') return true;
  }
  return false;
}

std::optional<Endpoint> proxy_for(bool tls, const std::string& host) {
  const std::string proxy = tls ? either("HTTPS_PROXY", "https_proxy") : either("HTTP_PROXY", "http_proxy");
  if (proxy.empty() || is_loopback(host) || bypasses_proxy(host, either("NO_PROXY", "no_proxy"))) {
    return std::nullopt;
  }
  return parse_endpoint(proxy, proxy.starts_with("https:") ? "443" : "80");
}

std::string connect_request(const Endpoint& server, const Endpoint& proxy) {
  const bool brackets = server.host.find(':') != std::string::npos;
  const std::string to =
      fmt::format("{}{}{}:{}", brackets ? "[" : "", server.host, brackets ? "]" : "", server.port);
  std::string request = fmt::format("CONNECT {} HTTP/1.1\r\nHost: {}\r\n", to, to);
  if (!proxy.credentials.empty()) {
    request += fmt::format("Proxy-Authorization: {}\r\n", proxy_authorization(proxy));
  }
  return request + "\r\n";
}

std::string proxy_authorization(const Endpoint& proxy) {
  return proxy.credentials.empty() ? "" : "Basic " + base64_encode(proxy.credentials);
}

}  // namespace buildlab
