#include "framework/base/through_url.h"

#include <algorithm>

namespace buildlab {
namespace {

constexpr std::size_t k_longest_host = 255;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_host_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
}

bool is_address_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

// Host and port of "host:443", "[::1]:443"; false where it is none.
bool take_authority(std::string_view text, ThroughTarget& result) {
  std::string_view host = text;
  std::string_view behind;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    host = text.substr(1, end - 1);
    behind = text.substr(end + 1);
    if (!std::all_of(host.begin(), host.end(), is_address_character)) return false;
  } else {
    const std::size_t colon = text.find(':');
    host = text.substr(0, colon);
    if (colon != std::string_view::npos) behind = text.substr(colon);
    if (!std::all_of(host.begin(), host.end(), is_host_character)) return false;
  }
  if (host.empty() || host.size() > k_longest_host) return false;
  result.host = host;
  result.port = result.tls ? "443" : "80";
  if (behind.empty()) return true;
  if (!behind.starts_with(':') || !is_port(behind.substr(1))) return false;
  result.port = behind.substr(1);
  return true;
}

}  // namespace

std::string ThroughTarget::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (tls ? "443" : "80") ? name : name + ":" + port;
}

std::string ThroughTarget::url() const {
  return (tls ? "https://" : "http://") + authority() + target;
}

std::optional<ThroughTarget> parse_through_target(std::string_view target) {
  if (!target.starts_with(k_through_path)) return std::nullopt;
  target.remove_prefix(k_through_path.size());
  ThroughTarget result;
  if (target.starts_with("https/")) {
    result.tls = true;
    target.remove_prefix(6);
  } else if (target.starts_with("http/")) {
    target.remove_prefix(5);
  } else {
    return std::nullopt;
  }
  const std::size_t end = target.find_first_of("/?");
  if (!take_authority(target.substr(0, end), result)) return std::nullopt;
  const std::string_view rest = end == std::string_view::npos ? std::string_view() : target.substr(end);
  const bool clean = std::all_of(rest.begin(), rest.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && static_cast<unsigned char>(c) != 0x7f;
  });
  if (!clean) return std::nullopt;
  result.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  return result;
}

std::string original_url(std::string_view url) {
  constexpr std::string_view k_server = "http://127.0.0.1:";
  if (!url.starts_with(k_server)) return std::string(url);
  const std::string_view rest = url.substr(k_server.size());
  const std::size_t path = rest.find('/');
  if (path == std::string_view::npos || !is_port(rest.substr(0, path))) return std::string(url);
  const auto through = parse_through_target(rest.substr(path));
  return through ? through->url() : std::string(url);
}

}  // namespace buildlab
