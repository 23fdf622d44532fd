// URLs that lead through a server of the run's own on loopback, so that it sees what is asked of other
// servers: "http://127.0.0.1:PORT/WORD/buildlab-through/https/HOST:443/PATH" stands for "https://HOST/PATH".
// Who asks has to know the word; it stands in nothing that is kept. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace buildlab {

inline constexpr std::string_view k_through_path = "/buildlab-through/";

// What is asked of whom.
struct ThroughTarget {
  bool tls = false;
  std::string host;              // without the brackets of an IPv6 address
  std::string port;              // the scheme's own where none was given
  std::string target;            // path and query, "/" at least
  std::string credentials = {};  // "user:word" as it stands in the URL; "" without

  bool same_server(const ThroughTarget& other) const {
    return tls == other.tls && host == other.host && port == other.port;
  }
  // "host", "host:8080", "[::1]:8080"
  std::string authority() const;
  // "https://host/path?query", without credentials.
  std::string url() const;
  // What parse_through_target() reads, credentials and all.
  std::string through() const;
  // The value of the field Authorization that the credentials make; "" without.
  std::string authorization() const;

  friend bool operator==(const ThroughTarget&, const ThroughTarget&) = default;
};

// Of the target of a request that has come to the server: "/buildlab-through/https/host:443/path?query".
// nullopt for anything else, among it what would not fit a request line.
std::optional<ThroughTarget> parse_through_target(std::string_view target);

// The same of a whole URL, with a word or without: "http://127.0.0.1:PORT/WORD/buildlab-through/…".
std::optional<ThroughTarget> parse_through_url(std::string_view url);

// Where an answer's Location leads to, with the credentials of `from` where it stays at that server by a path
// alone, as Go's client has it. nullopt for what is no HTTP or HTTPS.
std::optional<ThroughTarget> redirected(const ThroughTarget& from, std::string_view location);

// An HTTP or HTTPS URL as url() writes it, so that equal ones have equal texts; anything else as it is.
std::string uniform_url(std::string_view url);

// The URL that a URL through such a server stands for; any other one as it is.
std::string original_url(std::string_view url);

}  // namespace buildlab
