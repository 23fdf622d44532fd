// Each part takes what the parts before it left over; idle is the rest, so that the sum is the duration.
#include "framework/metrics/parts.h"

#include <array>

namespace buildlab::metrics {
namespace {

enum Part : std::size_t {
  steps,
  hydration,
  base_pull,
  context,
  cache_import,
  cache_export,
  image_export,
  k_parts
};

Part part_of(VertexKind kind) {
  switch (kind) {
    case VertexKind::base:
      return base_pull;
    case VertexKind::context:
      return context;
    case VertexKind::cache_import:
      return cache_import;
    case VertexKind::cache_export:
      return cache_export;
    case VertexKind::image_export:
      return image_export;
    case VertexKind::step:
      break;
  }
  return steps;
}

void append(std::vector<Stretch>& to, const std::vector<Stretch>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

Parts partition(const BuildGraph& graph, const std::vector<VertexFacts>& facts, const Window& window,
                const StateHint& hint) {
  std::array<std::vector<Stretch>, k_parts> active;
  for (std::size_t i = 0; i < graph.vertexes.size(); ++i) {
    const Vertex& vertex = graph.vertexes[i];
    const Part part = part_of(facts[i].kind);
    if (part != steps) {
      append(active[part], stretches(vertex, facts[i],
                                     {IntervalKind::execution, IntervalKind::cached,
                                      IntervalKind::failed_load, IntervalKind::hydration},
                                     window));
      continue;
    }
    append(active[steps], stretches(vertex, facts[i], {IntervalKind::execution}, window));
    append(active[hydration],
           stretches(vertex, facts[i], {IntervalKind::failed_load, IntervalKind::hydration}, window));
    // A look-up in the builder's own store is no hydration; one that may have asked a remote cache is.
    if (hint.imports_cache || facts[i].pulled_layers) {
      append(active[hydration], stretches(vertex, facts[i], {IntervalKind::cached}, window));
    }
  }

  std::array<double, k_parts> seconds{};
  std::vector<Stretch> covered;
  for (std::size_t part = 0; part < k_parts; ++part) {
    const std::vector<Stretch> own = united(std::move(active[part]));
    seconds[part] = total_seconds(without(own, covered));
    append(covered, own);
    covered = united(std::move(covered));
  }
  const Nanoseconds busy = [&] {
    Nanoseconds total{};
    for (const Stretch& stretch : covered) total += stretch.end - stretch.begin;
    return total;
  }();
  return Parts{.steps_sec = seconds[steps],
               .hydration_sec = seconds[hydration],
               .base_pull_sec = seconds[base_pull],
               .context_sec = seconds[context],
               .cache_import_sec = seconds[cache_import],
               .cache_export_sec = seconds[cache_export],
               .export_sec = seconds[image_export],
               .idle_sec = to_seconds(window.duration - busy)};
}

}  // namespace buildlab::metrics
