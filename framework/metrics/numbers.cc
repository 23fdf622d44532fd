// The laws and names of the numbers.
#include "framework/metrics/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "framework/base/text.h"

namespace buildlab::metrics {
namespace {

constexpr double k_tolerance_sec = 0.005;

constexpr std::array<std::pair<StepOutcome, std::string_view>, 5> k_outcomes{
    {{StepOutcome::hit, "hit"},
     {StepOutcome::ran, "ran"},
     {StepOutcome::failed, "failed"},
     {StepOutcome::not_run, "not-run"},
     {StepOutcome::not_in_graph, "not-in-graph"}}};

constexpr std::array<std::pair<HitSource, std::string_view>, 5> k_sources{
    {{HitSource::local, "local"},
     {HitSource::remote_hydrated, "remote-hydrated"},
     {HitSource::remote_lazy, "remote-lazy"},
     {HitSource::inferred, "inferred"},
     {HitSource::unknown, "unknown"}}};

template <typename Value, std::size_t Count>
std::string_view name_of(const std::array<std::pair<Value, std::string_view>, Count>& names, Value value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return "";
}

template <typename Value, std::size_t Count>
Result<Value> value_of(const std::array<std::pair<Value, std::string_view>, Count>& names,
                       std::string_view text, std::string_view what) {
  std::string known_names;
  for (const auto& [known, name] : names) {
    if (name == text) return known;
    known_names += (known_names.empty() ? "" : ", ") + std::string(name);
  }
  return fail(ErrorKind::infrastructure, fmt::format("'{}' is no {}", one_line(text, 80), what),
              {"known: " + known_names});
}

void check_counts(const Numbers& numbers, std::vector<std::string>& broken) {
  const std::array<std::pair<StepOutcome, int>, 5> counted{
      {{StepOutcome::hit, numbers.hits},
       {StepOutcome::ran, numbers.ran},
       {StepOutcome::failed, numbers.failed},
       {StepOutcome::not_run, numbers.not_run},
       {StepOutcome::not_in_graph, numbers.not_in_graph}}};
  for (const auto& [outcome, count] : counted) {
    const auto rows =
        std::count_if(numbers.steps.begin(), numbers.steps.end(),
                      [outcome = outcome](const Step& step) { return step.outcome == outcome; });
    if (rows != count) {
      broken.push_back(fmt::format("{} steps are '{}' but {} were counted", rows, to_string(outcome), count));
    }
  }
  for (const Step& step : numbers.steps) {
    if (step.source && step.outcome != StepOutcome::hit) {
      broken.push_back(fmt::format("line {}: a source without a hit", step.lines.first));
    }
    if (step.outcome == StepOutcome::hit && !step.source) {
      broken.push_back(fmt::format("line {}: a hit without a source", step.lines.first));
    }
    if (step.miss && step.outcome != StepOutcome::ran) {
      broken.push_back(fmt::format("line {}: a reason of a miss, and it did not run", step.lines.first));
    }
    if (step.seconds && (!std::isfinite(*step.seconds) || *step.seconds < 0)) {
      broken.push_back(fmt::format("line {}: {} seconds", step.lines.first, *step.seconds));
    }
  }
}

void check_ratio(const Numbers& numbers, std::vector<std::string>& broken) {
  const int decided = numbers.hits + numbers.ran;
  if (numbers.cache_hit_ratio.has_value() != (decided > 0)) {
    broken.push_back(fmt::format("cache_hit_ratio is {} for {} hits and {} executed steps",
                                 numbers.cache_hit_ratio ? "given" : "null", numbers.hits, numbers.ran));
    return;
  }
  if (!numbers.cache_hit_ratio) return;
  const double expected = static_cast<double>(numbers.hits) / decided;
  if (!(std::abs(*numbers.cache_hit_ratio - expected) <= 1e-9)) {
    broken.push_back(
        fmt::format("cache_hit_ratio {} is not {} / {}", *numbers.cache_hit_ratio, numbers.hits, decided));
  }
}

}  // namespace

std::string_view to_string(StepOutcome outcome) {
  return name_of(k_outcomes, outcome);
}
std::string_view to_string(HitSource source) {
  return name_of(k_sources, source);
}
Result<StepOutcome> parse_step_outcome(std::string_view text) {
  return value_of(k_outcomes, text, "step outcome");
}
Result<HitSource> parse_hit_source(std::string_view text) {
  return value_of(k_sources, text, "source of a hit");
}

std::vector<std::string> broken_laws(const Numbers& numbers, double duration_sec) {
  std::vector<std::string> broken;
  const Parts& parts = numbers.parts;
  const std::array<std::pair<std::string_view, double>, 8> named{
      {{"steps_sec", parts.steps_sec},
       {"hydration_sec", parts.hydration_sec},
       {"base_pull_sec", parts.base_pull_sec},
       {"context_sec", parts.context_sec},
       {"cache_import_sec", parts.cache_import_sec},
       {"cache_export_sec", parts.cache_export_sec},
       {"export_sec", parts.export_sec},
       {"idle_sec", parts.idle_sec}}};
  for (const auto& [name, seconds] : named) {
    if (!std::isfinite(seconds) || seconds < 0) broken.push_back(fmt::format("{} is {}", name, seconds));
  }
  if (!(std::abs(parts.sum() - duration_sec) <= k_tolerance_sec)) {
    broken.push_back(
        fmt::format("the parts sum to {:.6f} s, the duration is {:.6f} s", parts.sum(), duration_sec));
  }
  if (!(numbers.critical_path_sec <= duration_sec + k_tolerance_sec && numbers.critical_path_sec >= 0)) {
    broken.push_back(
        fmt::format("the critical path takes {:.6f} s of {:.6f} s", numbers.critical_path_sec, duration_sec));
  }
  check_counts(numbers, broken);
  check_ratio(numbers, broken);
  return broken;
}

std::optional<double> time_weighted_hit_ratio(const std::vector<Step>& steps,
                                              const std::vector<Step>& cold_steps) {
  using Key = std::pair<std::string_view, std::string_view>;
  std::map<Key, std::vector<const Step*>> by_text;
  for (const Step& cold : cold_steps) by_text[{cold.stage, cold.text}].push_back(&cold);
  double avoided = 0;
  double total = 0;
  for (const Step& step : steps) {
    if (step.outcome != StepOutcome::hit && step.outcome != StepOutcome::ran) continue;
    const auto found = by_text.find({step.stage, step.text});
    if (found == by_text.end() || found->second.empty()) continue;
    // Among equal instructions of a stage the one on the same lines, else the first that is left.
    auto& candidates = found->second;
    auto chosen = std::find_if(candidates.begin(), candidates.end(),
                               [&](const Step* cold) { return cold->lines == step.lines; });
    if (chosen == candidates.end()) chosen = candidates.begin();
    const double seconds = (*chosen)->seconds.value_or(0);
    candidates.erase(chosen);
    total += seconds;
    if (step.outcome == StepOutcome::hit) avoided += seconds;
  }
  if (!(total > 0)) return std::nullopt;
  return avoided / total;
}

}  // namespace buildlab::metrics
