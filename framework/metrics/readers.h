// Which steps of a build fetched which URLs.
#pragma once

#include <map>
#include <set>
#include <string>

#include "framework/metrics/graph.h"
#include "framework/metrics/provenance.h"

namespace buildlab::metrics {

// URL without its credentials -> lines of the instructions that fetched it. What nobody knows is absent.
using Readers = std::map<std::string, std::set<dockerfile::LineRange>>;

// From provenance alone: an instruction that fetches the URL itself (ADD), and what a build's only RUN with a
// network fetched. With the progress stream each step's own list of requests (`progress` may be nullptr); its
// vertexes are joined by name, because with the proxy network BuildKit gives them digests that provenance
// does not have.
Readers readers_of(const Provenance& provenance, const BuildGraph* progress);

}  // namespace buildlab::metrics
