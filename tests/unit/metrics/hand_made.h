// Graphs in a few words, for rules that no recording isolates. Times are seconds after the build's start.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/metrics/analyse.h"

namespace buildlab::test {

inline const WallTime k_start{std::chrono::seconds(1'800'000'000)};

inline WallTime at(double seconds) {
  return k_start + Nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

inline metrics::Interval ran(double from, std::optional<double> to) {
  metrics::Interval interval{.started = at(from), .completed = {}, .has_inputs = true, .error = {}};
  if (to) interval.completed = at(*to);
  return interval;
}

inline metrics::Interval bare(double from, double to) {
  metrics::Interval interval = ran(from, to);
  interval.has_inputs = false;
  return interval;
}

inline metrics::Interval cached(double from, double to) {
  metrics::Interval interval = ran(from, to);
  interval.cached = true;
  return interval;
}

inline metrics::Vertex vertex(std::string digest, std::string name, std::vector<std::string> inputs,
                              std::vector<metrics::Interval> intervals) {
  metrics::Vertex made;
  made.digest = std::move(digest);
  made.name = std::move(name);
  made.inputs = std::move(inputs);
  made.intervals = std::move(intervals);
  return made;
}

inline metrics::Window window(double seconds) {
  return {.started = k_start, .duration = Nanoseconds(static_cast<std::int64_t>(seconds * 1e9))};
}

inline metrics::Numbers numbers_of(std::vector<metrics::Vertex> vertexes, double seconds,
                                   const std::string& dockerfile = "FROM scratch\nRUN a\n",
                                   const metrics::StateHint& hint = {}) {
  metrics::BuildGraph graph;
  graph.vertexes = std::move(vertexes);
  const auto file = dockerfile::parse_dockerfile(dockerfile, "Dockerfile");
  return metrics::analyse(graph, std::nullopt, file.value_or(dockerfile::Dockerfile{}), std::nullopt, {},
                          window(seconds), hint);
}

}  // namespace buildlab::test
