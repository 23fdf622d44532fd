// What is done to the requests that a builder sends to the registry of its cache, and to those that RUN steps
// send to the network. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"

namespace buildlab::fault {

// Which requests.
enum class At {
  import,  // reading the cache's manifest and its configuration
  pull,    // reading the blobs of its layers
  write,   // "export": asking for and sending blobs and the manifest
  fetch,   // what RUN steps ask of the network
};

enum class Kind {
  refused,            // the connection is reset where an answer is expected
  status,             // an answer with that status
  too_many_requests,  // 429, with Retry-After where seconds are given
  latency,            // the request is passed on later
  bandwidth,          // bodies pass at so many bytes a second, all connections together
  cut,                // the connection is reset in the middle of the body
  corrupt,            // one byte of the body is another one
  gone,               // 404
  unauthorized,       // 401, as credentials that expired give it
  // Of the way to the host, so that no request comes to be.
  unreachable,  // the packets vanish: connecting takes as long as the client has patience
  no_route,     // the host's address is one that no route leads to: connecting fails at once
  slow_dns,     // its name is resolved later
  unresolved,   // its name is not resolved: "server failure"
};

std::string_view to_string(At at);      // "import", "pull", "export"
std::string_view to_string(Kind kind);  // "refused", …
std::vector<std::string> at_names();
std::vector<std::string> kind_names();
std::optional<At> parse_at(std::string_view text);
std::optional<Kind> parse_kind(std::string_view text);
// Whether it concerns the way to the host, not a request that has come there.
bool is_of_way(Kind kind);

// What its kind takes (parameters()) is there where it is required, and nothing else.
struct Fault {
  At at = At::import;
  Kind kind = Kind::refused;
  std::optional<int> times = std::nullopt;  // the first so many requests only
  std::optional<int> status = std::nullopt;
  std::optional<int> retry_after_sec = std::nullopt;
  std::optional<int> latency_ms = std::nullopt;
  std::optional<int> jitter_ms = std::nullopt;  // up to so much more, drawn anew for each request
  std::optional<std::uint64_t> bytes_per_sec = std::nullopt;
  std::optional<std::uint64_t> after_bytes = std::nullopt;
  std::optional<int> delay_ms = std::nullopt;
  // When: in one measured build only, the first being 1; from so long after that build's start; and for so
  // long, once or again and again.
  std::optional<int> build = std::nullopt;
  std::optional<int> from_ms = std::nullopt;
  std::optional<int> for_ms = std::nullopt;
  std::optional<int> every_ms = std::nullopt;

  friend bool operator==(const Fault&, const Fault&) = default;
};

// A number that goes with a fault, by its key in a scenario file.
struct Parameter {
  std::string_view key;  // "after_bytes"
  double least = 0;
  double most = 0;
  bool required = false;
};
// Of that kind; `times` and when it is on are of every kind.
std::vector<Parameter> parameters(Kind kind);
// What is wrong with when it is on; nullopt where nothing is.
std::optional<std::string> schedule_problem(const Fault& fault);
// Whether it is on so long after the start of that measured build (nullopt: of none).
bool is_on(const Fault& fault, std::optional<int> build, std::int64_t after_ms);
std::optional<std::int64_t> value_of(const Fault& fault, std::string_view key);
void set_value(Fault& fault, std::string_view key, std::int64_t value);

// "pull cut after_bytes=65536": place, kind, and what it takes.
std::string to_string(const Fault& fault);
// What to_string() gives; an error (usage) says what is wrong.
Result<Fault> parse_fault(std::string_view text);

}  // namespace buildlab::fault
