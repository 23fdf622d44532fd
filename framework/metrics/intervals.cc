// Rules on names and intervals. Names: frontend/dockerfile/dockerfile2llb and solver of BuildKit; what the
// intervals look like was recorded (tests/data/progress).
#include "framework/metrics/intervals.h"

#include <algorithm>
#include <charconv>

#include "framework/base/text.h"

namespace buildlab::metrics {
namespace {

std::optional<int> parse_positive(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1) return std::nullopt;
  return value;
}

// The 3 of "3/7".
std::optional<int> parse_position(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || !parse_positive(text.substr(slash + 1))) return std::nullopt;
  return parse_positive(text.substr(0, slash));
}

bool is_cancellation(std::string_view error) {
  return error.ends_with("context canceled") || error.ends_with("context deadline exceeded");
}

bool moves_layers(const Transfer& transfer) {
  return transfer.id.starts_with("sha256:") || transfer.id.starts_with("extracting sha256:");
}

}  // namespace

std::optional<StepName> parse_step_name(std::string_view name) {
  if (!name.starts_with('[')) return std::nullopt;
  const std::size_t close = name.find("] ");
  if (close == std::string_view::npos) return std::nullopt;
  StepName step;
  for (const std::string_view word : split(name.substr(1, close - 1), ' ')) {
    if (const auto position = parse_position(word)) {
      step.position = *position;
    } else if (word.find('/') == std::string_view::npos) {  // else it is a platform
      step.stage = word;
    }
  }
  if (step.position == 0) return std::nullopt;
  step.text = name.substr(close + 2);
  if (step.text.starts_with("LINK ")) {
    step.is_merge = true;
    step.text.remove_prefix(5);
  }
  return step;
}

VertexKind kind_of(const Vertex& vertex) {
  const std::string_view name = vertex.name;
  if (name.starts_with("importing cache")) return VertexKind::cache_import;
  if (name.starts_with("exporting cache") || name.starts_with("exporting inline cache") ||
      name.starts_with("exporting to GitHub Actions Cache") || name.starts_with("preparing build cache"))
    return VertexKind::cache_export;
  for (const std::string_view prefix : {"exporting", "sending tarball", "copying files", "pushing",
                                        "resolving provenance", "generating sbom"}) {
    if (name.starts_with(prefix)) return VertexKind::image_export;
  }
  for (const std::string_view prefix : {"[internal] load metadata for", "[auth]", "resolve image config for",
                                        "docker-image://", "oci-layout://"}) {
    if (name.starts_with(prefix)) return VertexKind::base;
  }
  if (name.starts_with("[internal] setting cache mount")) return VertexKind::step;
  if (name.starts_with("[context ")) {
    // "[context NAME] load from client" and "… load .dockerignore" are files; the others are images.
    const bool files = name.find("] load from") != std::string_view::npos ||
                       name.find("] load .dockerignore") != std::string_view::npos;
    return files ? VertexKind::context : VertexKind::base;
  }
  if (name.starts_with("[internal]")) return VertexKind::context;
  for (const std::string_view prefix : {"local://", "git://", "http://", "https://"}) {
    if (name.starts_with(prefix)) return VertexKind::context;
  }
  if (const auto step = parse_step_name(name); step && step->text.starts_with("FROM "))
    return VertexKind::base;
  return VertexKind::step;
}

std::vector<IntervalKind> kinds_of(const Vertex& vertex) {
  std::vector<IntervalKind> kinds;
  kinds.reserve(vertex.intervals.size());
  bool was_cached = false;
  bool was_executed = false;
  for (const Interval& interval : vertex.intervals) {
    if (interval.cached) {
      was_cached = true;
      kinds.push_back(interval.error.empty() ? IntervalKind::cached : IntervalKind::failed_load);
    } else if (interval.has_inputs || was_executed || (vertex.inputs.empty() && !was_cached)) {
      // A merge of COPY --link is put on disk when its first reader comes: work of its own, after its
      // execution. A vertex without inputs at all (a download, WORKDIR over scratch) has none to name.
      was_executed = true;
      kinds.push_back(IntervalKind::execution);
    } else {
      kinds.push_back(IntervalKind::hydration);
    }
  }
  return kinds;
}

VertexFacts facts_of(const Vertex& vertex) {
  VertexFacts facts{.kind = kind_of(vertex), .intervals = kinds_of(vertex), .error = {}};
  facts.pulled_layers = std::any_of(vertex.transfers.begin(), vertex.transfers.end(), moves_layers);

  bool ran = false;
  bool hit = false;
  bool cancelled = false;
  bool all_inferred = true;
  std::string failure;
  std::string load_failure;
  std::string cancellation;
  for (std::size_t i = 0; i < vertex.intervals.size(); ++i) {
    const Interval& interval = vertex.intervals[i];
    const bool ended_well = interval.completed.has_value() && interval.error.empty();
    switch (facts.intervals[i]) {
      case IntervalKind::execution:
        if (ended_well) {
          ran = true;
          failure.clear();
        } else if (!interval.completed || is_cancellation(interval.error)) {
          cancelled = true;
          cancellation = interval.error;
        } else {
          failure = interval.error;
        }
        break;
      case IntervalKind::cached:
        if (ended_well) hit = true;
        all_inferred = all_inferred && interval.completed == interval.started;
        break;
      case IntervalKind::failed_load:
        load_failure = interval.error;
        break;
      case IntervalKind::hydration:
        if (!interval.error.empty()) load_failure = interval.error;
        break;
    }
  }
  if (vertex.intervals.empty() && !vertex.error.empty()) {
    if (is_cancellation(vertex.error)) {
      cancelled = true;
      cancellation = vertex.error;
    } else {
      failure = vertex.error;
    }
  }
  if (!failure.empty()) {
    facts.state = VertexState::failed;
    facts.error = failure;
  } else if (ran) {
    facts.state = VertexState::ran;
    facts.load_error = load_failure;
  } else if (cancelled) {
    facts.state = VertexState::cancelled;
    facts.error = cancellation.empty() ? "had not ended when the stream did" : cancellation;
  } else if (hit) {
    facts.state = VertexState::hit;
    facts.only_inferred = all_inferred;
  } else if (!load_failure.empty()) {
    facts.state = VertexState::load_failed;
    facts.error = load_failure;
  }
  return facts;
}

std::vector<Stretch> stretches(const Vertex& vertex, const VertexFacts& facts,
                               std::initializer_list<IntervalKind> wanted, const Window& window) {
  const Nanoseconds from = window.started.time_since_epoch();
  const Nanoseconds to = from + window.duration;
  std::vector<Stretch> result;
  for (std::size_t i = 0; i < vertex.intervals.size(); ++i) {
    if (std::find(wanted.begin(), wanted.end(), facts.intervals[i]) == wanted.end()) continue;
    const Interval& interval = vertex.intervals[i];
    const Nanoseconds begin = std::max(interval.started.time_since_epoch(), from);
    const Nanoseconds end = interval.completed ? std::min(interval.completed->time_since_epoch(), to) : to;
    if (begin < end) result.push_back({begin, end});
  }
  return result;
}

std::vector<Stretch> united(std::vector<Stretch> stretches) {
  std::sort(stretches.begin(), stretches.end(),
            [](const Stretch& a, const Stretch& b) { return a.begin < b.begin; });
  std::vector<Stretch> result;
  for (const Stretch& next : stretches) {
    if (!result.empty() && next.begin <= result.back().end) {
      result.back().end = std::max(result.back().end, next.end);
    } else {
      result.push_back(next);
    }
  }
  return result;
}

double total_seconds(const std::vector<Stretch>& united) {
  Nanoseconds total{};
  for (const Stretch& stretch : united) total += stretch.end - stretch.begin;
  return to_seconds(total);
}

std::vector<Stretch> without(const std::vector<Stretch>& stretches, const std::vector<Stretch>& covered) {
  std::vector<Stretch> result;
  auto cover = covered.begin();
  for (Stretch rest : stretches) {
    while (cover != covered.end() && cover->end <= rest.begin) ++cover;
    for (auto at = cover; at != covered.end() && at->begin < rest.end; ++at) {
      if (rest.begin < at->begin) result.push_back({rest.begin, at->begin});
      rest.begin = std::max(rest.begin, at->end);
    }
    if (rest.begin < rest.end) result.push_back(rest);
  }
  return result;
}

}  // namespace buildlab::metrics
