// What each step asked of the network: BuildKit's own list of it, joined with what a server saw through which
// all of it went. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/base/time.h"
#include "framework/metrics/graph.h"
#include "framework/metrics/numbers.h"

namespace buildlab::metrics {

// One request as that server saw it; times are since the server's start.
struct ObservedRequest {
  std::string method;
  std::string url;
  Nanoseconds start{};
  Nanoseconds end{};
  std::optional<Nanoseconds> first_byte;  // the answer's head, after the start
  std::optional<int> status;
  bool cut = false;  // the answer did not come to its end
};

// Gives the times to the requests that the vertexes list. Equal requests are taken in their order; one that
// is in no list (BuildKit asks once more by itself where an old connection was closed) goes to the first
// vertex that asked for the same.
void attach(BuildGraph& graph, const std::vector<ObservedRequest>& observed);

// nullopt where none of the vertexes asked for anything.
std::optional<Fetches> fetches_of(const std::vector<const Vertex*>& vertexes);

}  // namespace buildlab::metrics
