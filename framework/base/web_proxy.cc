#include "framework/base/web_proxy.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

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

struct Variable {
  std::string name;
  std::string value;
};

Variable either(const char* name, const char* otherwise) {
  std::string value = environment(name);
  if (!value.empty()) return {name, std::move(value)};
  return {otherwise, environment(otherwise)};
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Takes the port off "a.org:8080" and "[::1]:80", and brackets off; "" without one. An address of version 6
// without brackets has colons of its own.
std::string_view take_port(std::string_view& entry) {
  std::string_view port;
  const std::size_t colon = entry.rfind(':');
  const bool bracketed = entry.starts_with('[');
  const bool has_port = colon != std::string_view::npos && is_number(entry.substr(colon + 1)) &&
                        (bracketed ? entry[colon - 1] == ']' : entry.find(':') == colon);
  if (has_port) {
    port = entry.substr(colon + 1);
    entry = entry.substr(0, colon);
  }
  if (bracketed && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
  return port;
}

Result<std::optional<Endpoint>> read_proxy(const Variable& variable) {
  const std::size_t mark = variable.value.find("://");
  const std::string scheme = mark == std::string::npos ? "http" : to_lower(variable.value.substr(0, mark));
  const std::string hint = fmt::format(
      "{0}=http://HOST:PORT names one, {0}= none, NO_PROXY servers that go without it", variable.name);
  if (scheme != "http") {
    const bool known = scheme == "https" || scheme.starts_with("socks");
    return fail(ErrorKind::infrastructure,
                fmt::format("the proxy that {} names is to be spoken to by {}, and only plain HTTP to it is "
                            "known",
                            variable.name, known ? scheme : "something else"),
                {hint});
  }
  std::optional<Endpoint> endpoint = parse_endpoint(variable.value, "80");
  if (!endpoint)
    return fail(ErrorKind::infrastructure, fmt::format("{} is no address of a proxy", variable.name), {hint});
  return endpoint;
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
  if (endpoint.host.empty() || !is_number(endpoint.port)) return std::nullopt;
  return endpoint;
}

bool bypasses_proxy(std::string_view name, std::string_view no_proxy, std::string_view port) {
  const std::string host = to_lower(name);
  const std::string list = to_lower(no_proxy);
  for (std::string_view entry : split(list, ',')) {
    entry = trim(entry);
    if (entry == "*" || lies_in_range(host, entry)) return true;
    const std::string_view wanted = take_port(entry);
    if (!wanted.empty() && wanted != port) continue;
    if (entry.starts_with("*.")) entry.remove_prefix(1);
    while (entry.starts_with('.')) entry.remove_prefix(1);
    if (entry.empty() || !host.ends_with(entry)) continue;
    if (host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.') return true;
  }
  return false;
}

Result<std::optional<Endpoint>> proxy_for(bool tls, const std::string& host, const std::string& port) {
  const Variable proxy = tls ? either("HTTPS_PROXY", "https_proxy") : either("HTTP_PROXY", "http_proxy");
  const Variable without = either("NO_PROXY", "no_proxy");
  if (proxy.value.empty() || is_loopback(host) || bypasses_proxy(host, without.value, port))
    return std::optional<Endpoint>();
  return read_proxy(proxy);
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
