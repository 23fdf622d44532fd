// Progress stream + provenance + Dockerfile -> the numbers of a build. Pure: text and values in, values out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "framework/base/time.h"
#include "framework/dockerfile/dockerfile.h"
#include "framework/metrics/graph.h"
#include "framework/metrics/numbers.h"
#include "framework/metrics/provenance.h"

namespace buildlab::metrics {

struct Window {
  WallTime started;        // of the client process
  Nanoseconds duration{};  // its wall time, steady clock
};

// What the stream cannot say: the state that the scenario declares, which decides a hit's source, and how the
// build ended.
struct StateHint {
  bool builder_is_fresh = false;  // no local record can exist: hits are remote
  bool imports_cache = false;
  bool build_succeeded =
      true;  // false: a step that was cancelled was cut short, not merged with an equal one
};

// `provenance` is absent for failed builds: then vertex names join to lines. `platform` is the target's, the
// host's when absent: it decides which stages a Dockerfile with $TARGETARCH and the like needs.
Numbers analyse(const BuildGraph& graph, const std::optional<Provenance>& provenance,
                const dockerfile::Dockerfile& file, const std::optional<std::string>& target,
                const std::map<std::string, std::string>& build_args, const Window& window,
                const StateHint& hint, const std::optional<std::string>& platform = std::nullopt);

}  // namespace buildlab::metrics
