// One GET over HTTP or HTTPS, its body given on as it comes. Private to this room.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "framework/base/bytes.h"
#include "framework/base/result.h"

namespace buildlab::registry {

struct Url {
  bool tls = true;
  std::string host;
  std::string port;
  std::string target;  // path and query

  std::string text() const;
  bool same_server(const Url& other) const {
    return tls == other.tls && host == other.host && port == other.port;
  }
};

// "https://host:port/path?query"; nullopt for anything else.
std::optional<Url> parse_url(std::string_view text);
// What `location` of a redirection leads to.
std::optional<Url> parse_location(const Url& from, std::string_view location);

struct Answer {
  unsigned status = 0;
  std::map<std::string, std::string> fields;  // names in lower case
  std::string body;                           // the beginning of it, of answers other than 200
};

using Headers = std::map<std::string, std::string>;
// Takes the body of an answer 200; an error of its own ends the request.
using Sink = std::function<Status(std::string_view)>;

// Certificates are checked against the system's authorities (SSL_CERT_FILE and SSL_CERT_DIR replace them).
// HTTPS_PROXY and NO_PROXY are respected. A server that says nothing for 30 seconds is an infrastructure
// error, as is a body cut short; messages name the server and what was asked.
Result<Answer> get(const Url& url, const Headers& headers, const Sink& sink);

}  // namespace buildlab::registry
