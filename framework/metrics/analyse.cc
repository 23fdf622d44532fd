// Rows of the Dockerfile with what became of their vertexes, and the sums over them.
#include "framework/metrics/analyse.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "framework/base/redact.h"
#include "framework/base/text.h"
#include "framework/metrics/critical_path.h"
#include "framework/metrics/fetches.h"
#include "framework/metrics/intervals.h"
#include "framework/metrics/join.h"
#include "framework/metrics/parts.h"

namespace buildlab::metrics {
namespace {

constexpr std::size_t k_text_bytes = 200;
constexpr std::size_t k_error_bytes = 1000;

struct Analysis {
  const BuildGraph& graph;
  std::vector<VertexFacts> facts;
  const Window& window;
  const StateHint& hint;
  bool build_failed = false;
};

bool fails_the_build(const VertexFacts& facts) {
  return facts.state == VertexState::failed && facts.kind != VertexKind::cache_import &&
         facts.kind != VertexKind::cache_export;
}

std::string_view instruction_text(const Vertex& vertex) {
  const auto name = parse_step_name(vertex.name);
  return name ? name->text : std::string_view(vertex.name);
}

// In a build that succeeded a needed vertex that was cancelled or never started was merged: BuildKit found
// its key equal to another's, and that one's result is its own. It is known by its instruction.
std::size_t merged_into(const Analysis& build, std::size_t vertex) {
  const VertexState state = build.facts[vertex].state;
  if (build.build_failed || (state != VertexState::cancelled && state != VertexState::never_started))
    return vertex;
  const auto keyword = [](std::string_view text) { return text.substr(0, text.find(' ')); };
  const Vertex& own = build.graph.vertexes[vertex];
  const std::string_view text = instruction_text(own);
  std::size_t alike = vertex;  // written otherwise ("./src", "src/") over the same inputs
  for (std::size_t i = 0; i < build.facts.size(); ++i) {
    const bool has_result =
        build.facts[i].state == VertexState::ran || build.facts[i].state == VertexState::hit;
    if (i == vertex || !has_result) continue;
    const Vertex& other = build.graph.vertexes[i];
    if (instruction_text(other) == text) return i;
    if (alike == vertex && state == VertexState::cancelled && !own.inputs.empty() &&
        other.inputs == own.inputs && keyword(instruction_text(other)) == keyword(text)) {
      alike = i;
    }
  }
  return alike;
}

// The vertex that says whether the step was a hit. A download is asked for in every build, and the merge of
// COPY --link is made anew whenever a layer below it changed: neither is what the instruction costs.
std::size_t deciding(const Analysis& build, const std::vector<std::size_t>& vertexes) {
  std::vector<std::size_t> candidates;
  for (const std::size_t vertex : vertexes) {
    const auto name = parse_step_name(build.graph.vertexes[vertex].name);
    const bool is_download =
        name && name->text.starts_with("ADD ") && build.graph.vertexes[vertex].inputs.empty();
    if (!is_download && !(name && name->is_merge)) candidates.push_back(vertex);
  }
  // The copy below a merge need not start when the merge itself was found.
  const auto started = [&](std::size_t vertex) {
    return build.facts[vertex].state != VertexState::never_started;
  };
  if (std::none_of(candidates.begin(), candidates.end(), started)) {
    for (const std::size_t vertex : vertexes) {
      const auto name = parse_step_name(build.graph.vertexes[vertex].name);
      if (name && name->is_merge && started(vertex)) return vertex;
    }
  }
  if (candidates.empty()) return vertexes.front();
  // Several platforms: the step ran when it ran for one of them.
  const auto severity = [&](std::size_t vertex) {
    switch (build.facts[merged_into(build, vertex)].state) {
      case VertexState::failed:
        return 0;
      case VertexState::ran:
        return 1;
      case VertexState::cancelled:
      case VertexState::load_failed:
        return 2;
      case VertexState::hit:
        return 3;
      case VertexState::never_started:
        break;
    }
    return 4;
  };
  return *std::min_element(candidates.begin(), candidates.end(),
                           [&](std::size_t a, std::size_t b) { return severity(a) < severity(b); });
}

HitSource source_of(const Analysis& build, const VertexFacts& facts) {
  if (facts.pulled_layers) return HitSource::remote_hydrated;
  if (facts.only_inferred) return HitSource::inferred;
  if (!build.hint.imports_cache) return HitSource::local;
  return build.hint.builder_is_fresh ? HitSource::remote_lazy : HitSource::unknown;
}

std::optional<double> seconds_in(const Analysis& build, const std::vector<std::size_t>& vertexes,
                                 std::initializer_list<IntervalKind> kinds) {
  std::vector<Stretch> all;
  for (const std::size_t vertex : vertexes) {
    const auto own = stretches(build.graph.vertexes[vertex], build.facts[vertex], kinds, build.window);
    all.insert(all.end(), own.begin(), own.end());
  }
  if (all.empty()) return std::nullopt;
  return total_seconds(united(std::move(all)));
}

std::optional<double> started_sec(const Analysis& build, const std::vector<std::size_t>& vertexes) {
  std::optional<WallTime> first;
  for (const std::size_t vertex : vertexes) {
    for (const Interval& interval : build.graph.vertexes[vertex].intervals) {
      if (!first || interval.started < *first) first = interval.started;
    }
  }
  if (!first) return std::nullopt;
  return to_seconds(*first - build.window.started);
}

void settle(const Analysis& build, const Row& row, Step& step) {
  if (row.vertexes.empty()) {
    step.outcome = StepOutcome::not_in_graph;
    return;
  }
  const auto failed = std::find_if(row.vertexes.begin(), row.vertexes.end(), [&](std::size_t vertex) {
    return build.facts[vertex].state == VertexState::failed;
  });
  const std::size_t decider =
      failed != row.vertexes.end() ? *failed : merged_into(build, deciding(build, row.vertexes));
  const VertexFacts& facts = build.facts[decider];
  std::vector<std::size_t> vertexes = row.vertexes;
  if (std::find(vertexes.begin(), vertexes.end(), decider) == vertexes.end()) vertexes = {decider};

  step.started_sec = started_sec(build, vertexes);
  if (!facts.error.empty()) step.error = one_line(facts.error, k_error_bytes);
  switch (facts.state) {
    case VertexState::ran:
      step.outcome = StepOutcome::ran;
      step.seconds = seconds_in(build, vertexes, {IntervalKind::execution}).value_or(0);
      step.hydration_seconds =
          seconds_in(build, vertexes, {IntervalKind::hydration, IntervalKind::failed_load});
      if (!facts.load_error.empty())
        step.miss = Miss{MissReason::result_gone, one_line(facts.load_error, k_error_bytes)};
      break;
    case VertexState::hit: {
      step.outcome = StepOutcome::hit;
      step.source = source_of(build, facts);
      const bool asks_remote = *step.source != HitSource::local && *step.source != HitSource::inferred;
      step.hydration_seconds =
          asks_remote ? seconds_in(build, vertexes,
                                   {IntervalKind::hydration, IntervalKind::failed_load, IntervalKind::cached})
                      : seconds_in(build, vertexes, {IntervalKind::hydration, IntervalKind::failed_load});
      break;
    }
    case VertexState::failed:
      step.outcome = StepOutcome::failed;
      step.seconds = seconds_in(build, vertexes, {IntervalKind::execution}).value_or(0);
      step.log_tail = build.graph.vertexes[decider].log_tail;
      break;
    case VertexState::cancelled:
      step.outcome = StepOutcome::not_run;
      step.seconds = seconds_in(build, vertexes, {IntervalKind::execution});
      break;
    case VertexState::load_failed:
    case VertexState::never_started:
      step.outcome = StepOutcome::not_run;
      step.hydration_seconds =
          seconds_in(build, vertexes, {IntervalKind::hydration, IntervalKind::failed_load});
      break;
  }
}

void count(Numbers& numbers) {
  for (const Step& step : numbers.steps) {
    switch (step.outcome) {
      case StepOutcome::hit:
        ++numbers.hits;
        break;
      case StepOutcome::ran:
        ++numbers.ran;
        break;
      case StepOutcome::failed:
        ++numbers.failed;
        break;
      case StepOutcome::not_run:
        ++numbers.not_run;
        break;
      case StepOutcome::not_in_graph:
        ++numbers.not_in_graph;
        break;
    }
  }
  const int decided = numbers.hits + numbers.ran;
  if (decided > 0) numbers.cache_hit_ratio = static_cast<double>(numbers.hits) / decided;
}

// Names for people: a joined step by its lines, all else as BuildKit calls it.
// The stream's texts come without credentials; a Dockerfile's text is the user's own.
std::string text_of(const Row& row) {
  return one_line(redact_url_credentials(row.instruction->text), k_text_bytes);
}

std::vector<std::string> names_of(const BuildGraph& graph, const std::vector<Row>& rows) {
  std::vector<std::string> names;
  names.reserve(graph.vertexes.size());
  for (const Vertex& vertex : graph.vertexes) names.push_back(one_line(vertex.name, k_text_bytes));
  for (const Row& row : rows) {
    for (const std::size_t vertex : row.vertexes) {
      names[vertex] = fmt::format("Dockerfile:{} {}", row.instruction->lines.first, text_of(row));
    }
  }
  return names;
}

void read_cache_vertexes(const Analysis& build, Numbers& numbers) {
  for (std::size_t i = 0; i < build.facts.size(); ++i) {
    const VertexFacts& facts = build.facts[i];
    std::optional<std::string> error;
    if (facts.state == VertexState::failed || facts.state == VertexState::cancelled) {
      error = one_line(facts.error, k_error_bytes);
    }
    if (facts.kind == VertexKind::cache_import) {
      numbers.cache_imports.push_back({one_line(build.graph.vertexes[i].name, k_text_bytes), error});
    } else if (facts.kind == VertexKind::cache_export && error && !numbers.cache_export_error) {
      numbers.cache_export_error = error;
    }
  }
}

// The failure that happened first; of equal moments the first seen.
std::optional<std::string> build_error(const Analysis& build) {
  std::optional<std::string> error;
  std::optional<WallTime> at;
  for (std::size_t i = 0; i < build.facts.size(); ++i) {
    if (!fails_the_build(build.facts[i])) continue;
    std::optional<WallTime> when;
    for (const Interval& interval : build.graph.vertexes[i].intervals) {
      if (!interval.error.empty() && interval.completed) when = interval.completed;
    }
    if (!error || (when && (!at || *when < *at))) {
      error = one_line(build.facts[i].error, k_error_bytes);
      at = when;
    }
  }
  return error;
}

std::vector<const Vertex*> vertexes_of(const BuildGraph& graph, const Row& row) {
  std::vector<const Vertex*> vertexes;
  for (const std::size_t vertex : row.vertexes) vertexes.push_back(&graph.vertexes[vertex]);
  return vertexes;
}

}  // namespace

Numbers analyse(const BuildGraph& graph, const std::optional<Provenance>& provenance,
                const dockerfile::Dockerfile& file, const std::optional<std::string>& target,
                const std::map<std::string, std::string>& build_args, const Window& window,
                const StateHint& hint, const std::optional<std::string>& platform) {
  Analysis build{.graph = graph, .facts = {}, .window = window, .hint = hint};
  build.facts.reserve(graph.vertexes.size());
  for (const Vertex& vertex : graph.vertexes) build.facts.push_back(facts_of(vertex));
  build.build_failed =
      !hint.build_succeeded || std::any_of(build.facts.begin(), build.facts.end(), fails_the_build);

  Numbers numbers;
  // A target that does not exist needs no stage: the build failed for it, and no row can be told.
  const auto needed = dockerfile::needed_stages(file, target, build_args, platform);
  std::vector<Row> rows = rows_of(file, needed.value_or(std::vector<std::size_t>{}));
  join(graph, provenance, file, rows);

  std::set<std::size_t> executed;
  for (const Row& row : rows) {
    Step& step = numbers.steps.emplace_back();
    step.stage = row.stage->label();
    step.lines = row.instruction->lines;
    step.text = text_of(row);
    settle(build, row, step);
    step.fetches = fetches_of(vertexes_of(graph, row));
    if (step.outcome == StepOutcome::ran || step.outcome == StepOutcome::failed) {
      executed.insert(row.vertexes.begin(), row.vertexes.end());
    }
  }
  count(numbers);
  for (const std::size_t vertex : executed) {
    numbers.steps_seconds_sum += seconds_in(build, {vertex}, {IntervalKind::execution}).value_or(0);
  }
  numbers.parts = partition(graph, build.facts, window, hint);
  CriticalPath path = critical_path(graph, build.facts, names_of(graph, rows), window);
  numbers.critical_path = std::move(path.steps);
  numbers.critical_path_sec = path.seconds;
  read_cache_vertexes(build, numbers);
  numbers.warnings = graph.warnings;
  numbers.error = build_error(build);
  return numbers;
}

}  // namespace buildlab::metrics
