#include "framework/base/through_url.h"

#include <algorithm>

#include "framework/base/base64.h"
#include "framework/base/percent.h"
#include "framework/base/text.h"

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

bool is_clean(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && static_cast<unsigned char>(c) != 0x7f;
  });
}

// Of "host:443", "[::1]:443", "user:word@host"; false where it is none.
bool take_authority(std::string_view text, ThroughTarget& result) {
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    result.credentials = text.substr(0, at);
    if (!is_clean(result.credentials)) return false;
    text.remove_prefix(at + 1);
  }
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

// The path without "." and ".." (RFC 3986, 5.2.4): it never leads above the root.
std::string without_dots(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    const bool up = segment == "/..";
    if (up) result.resize(std::min(result.rfind('/'), result.size()));
    if (!up && segment != "/.") result += segment;
    if ((up || segment == "/.") && path.empty()) result += '/';
  }
  return result.empty() ? "/" : result;
}

// Whether it begins with a scheme ("mailto:"), which a path alone does not.
bool has_scheme(std::string_view location) {
  const std::size_t end = location.find_first_of(":/?");
  return end != std::string_view::npos && location[end] == ':';
}

std::string through_path(bool tls, std::string_view rest) {
  return std::string(k_through_path).append(tls ? "https/" : "http/").append(rest);
}

// Of an HTTP or HTTPS URL; nullopt for any other text.
std::optional<ThroughTarget> parse_url(std::string_view url) {
  const std::string scheme = to_lower(url.substr(0, url.find("://")));
  if (scheme.size() == url.size() || (scheme != "http" && scheme != "https")) return std::nullopt;
  return parse_through_target(through_path(scheme == "https", url.substr(scheme.size() + 3)));
}

}  // namespace

std::string ThroughTarget::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (tls ? "443" : "80") ? name : name + ":" + port;
}

std::string ThroughTarget::url() const {
  return (tls ? "https://" : "http://") + authority() + target;
}

std::string ThroughTarget::through() const {
  return through_path(tls, (credentials.empty() ? "" : credentials + "@") + authority() + target);
}

std::string ThroughTarget::authorization() const {
  if (credentials.empty()) return "";
  const std::size_t colon = credentials.find(':');
  const std::string_view text = credentials;
  const std::string_view word = colon == std::string::npos ? "" : text.substr(colon + 1);
  return "Basic " + base64_encode(percent_decoded(text.substr(0, colon)) + ":" + percent_decoded(word));
}

std::optional<ThroughTarget> parse_through_target(std::string_view target) {
  if (!target.starts_with(k_through_path)) return std::nullopt;
  target.remove_prefix(k_through_path.size());
  target = target.substr(0, target.find('#'));  // a fragment is no part of what is asked for
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
  if (!is_clean(rest)) return std::nullopt;
  result.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  return result;
}

std::optional<ThroughTarget> redirected(const ThroughTarget& from, std::string_view location) {
  location = location.substr(0, location.find('#'));
  if (location.empty()) return std::nullopt;
  if (location.starts_with("//")) return parse_through_target(through_path(from.tls, location.substr(2)));
  if (has_scheme(location)) return parse_url(location);
  if (!is_clean(location)) return std::nullopt;
  ThroughTarget result = from;
  const std::string path = from.target.substr(0, from.target.find('?'));
  if (location.starts_with('?')) {
    result.target = path + std::string(location);
    return result;
  }
  const std::size_t query = std::min(location.find('?'), location.size());
  std::string whole(location.substr(0, query));
  if (!location.starts_with('/')) whole.insert(0, path.substr(0, path.rfind('/') + 1));
  result.target = without_dots(whole).append(location.substr(query));
  return result;
}

std::string uniform_url(std::string_view url) {
  const auto parsed = parse_url(url);
  return parsed ? parsed->url() : std::string(url);
}

std::optional<ThroughTarget> parse_through_url(std::string_view url) {
  constexpr std::string_view k_server = "http://127.0.0.1:";
  if (!url.starts_with(k_server)) return std::nullopt;
  const std::string_view rest = url.substr(k_server.size());
  const std::size_t path = rest.find('/');
  if (path == std::string_view::npos || !is_port(rest.substr(0, path))) return std::nullopt;
  const std::size_t through = rest.find(k_through_path, path);
  if (through == std::string_view::npos) return std::nullopt;
  // One word may stand before it, or what was written in its place.
  const std::string_view before = rest.substr(path, through - path);
  if (before.rfind('/') != (before.empty() ? std::string_view::npos : 0)) return std::nullopt;
  return parse_through_target(rest.substr(through));
}

std::string original_url(std::string_view url) {
  const auto through = parse_through_url(url);
  return through ? through->url() : std::string(url);
}

}  // namespace buildlab
