// What each step asked of the network: BuildKit's own list of it, joined with what a server saw through which
// all of it went, ADD's downloads among it. Pure.
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
  // BuildKit itself asked, for an ADD; a URL that the answer sends it on to, else "".
  bool by_builder = false;
  std::string leads_to = {};
};

// Gives the times to the requests that the vertexes of RUN list. Equal requests are taken in their order; one
// that is in no list (BuildKit asks once more by itself where an old connection was closed) goes to the first
// vertex that asked for the same. What ADD asked goes to the download whose name has its URL, or that of the
// request that was sent on to it. What then belongs to no vertex (a step that was ended, or whose log was
// clipped) is counted by itself; nullopt where that is nothing.
std::optional<Fetches> attach(BuildGraph& graph, const std::vector<ObservedRequest>& observed);

// nullopt where none of the vertexes asked for anything.
std::optional<Fetches> fetches_of(const std::vector<const Vertex*>& vertexes);

}  // namespace buildlab::metrics
