// The longest chain of work through the graph of a build.
#pragma once

#include <string>
#include <vector>

#include "framework/metrics/analyse.h"
#include "framework/metrics/intervals.h"
#include "framework/metrics/numbers.h"

namespace buildlab::metrics {

struct CriticalPath {
  std::vector<CriticalStep> steps;  // in order of time, those with time of their own
  double seconds = 0;               // their sum
};

// `names` has one entry a vertex.
CriticalPath critical_path(const BuildGraph& graph, const std::vector<VertexFacts>& facts,
                           const std::vector<std::string>& names, const Window& window);

}  // namespace buildlab::metrics
