// The client's wall time divided among what was going on.
#pragma once

#include <vector>

#include "framework/metrics/analyse.h"
#include "framework/metrics/intervals.h"
#include "framework/metrics/numbers.h"

namespace buildlab::metrics {

Parts partition(const BuildGraph& graph, const std::vector<VertexFacts>& facts, const Window& window,
                const StateHint& hint);

}  // namespace buildlab::metrics
