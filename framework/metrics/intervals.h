// What a vertex and each of its intervals were: the rules of docs/numbers.md on one vertex alone.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/time.h"
#include "framework/metrics/analyse.h"
#include "framework/metrics/graph.h"

namespace buildlab::metrics {

enum class VertexKind {
  step,     // "[builder 3/7] RUN …" and BuildKit's own work for one
  base,     // images: metadata, manifests, layers
  context,  // what comes from the client or from elsewhere: context, Dockerfile, inline documents
  cache_import,
  cache_export,
  image_export,
};

enum class IntervalKind {
  execution,
  cached,       // a record was found and loaded
  failed_load,  // a record was found and could not be loaded
  hydration,    // layers of a cached result on their way
};

enum class VertexState {
  ran,
  hit,
  failed,     // for a reason of its own
  cancelled,  // because something else failed or ended; also a vertex that was merged into another
  load_failed,
  never_started,
};

// "[linux/amd64 builder 3/7] RUN npm ci" taken apart. BuildKit names the only stage of a Dockerfile "".
struct StepName {
  std::string_view stage;
  int position = 0;       // 3
  std::string_view text;  // "RUN npm ci", without the "LINK " that a merge has before it
  bool is_merge = false;
};

// nullopt when the name is not of this form.
std::optional<StepName> parse_step_name(std::string_view name);

VertexKind kind_of(const Vertex& vertex);

// One for each interval of the vertex.
std::vector<IntervalKind> kinds_of(const Vertex& vertex);

struct VertexFacts {
  VertexKind kind = VertexKind::step;
  std::vector<IntervalKind> intervals;
  VertexState state = VertexState::never_started;
  std::string error;            // of the state
  std::string load_error = {};  // of a record that was found and could not be loaded, so that it ran
  bool pulled_layers = false;   // bytes of layers were downloaded or extracted for it
  bool only_inferred = false;   // a hit that was never looked up: cached with start = end
};

VertexFacts facts_of(const Vertex& vertex);

// Half-open stretches of wall time in nanoseconds since 1970.
struct Stretch {
  Nanoseconds begin{};
  Nanoseconds end{};
};

// The vertex's intervals of these kinds inside the window; one without an end lasts to the window's end.
std::vector<Stretch> stretches(const Vertex& vertex, const VertexFacts& facts,
                               std::initializer_list<IntervalKind> wanted, const Window& window);

// Sorted, overlaps joined.
std::vector<Stretch> united(std::vector<Stretch> stretches);
double total_seconds(const std::vector<Stretch>& united);
// The part of `stretches` that `covered` leaves over; both united.
std::vector<Stretch> without(const std::vector<Stretch>& stretches, const std::vector<Stretch>& covered);

}  // namespace buildlab::metrics
