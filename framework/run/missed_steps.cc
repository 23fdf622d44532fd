#include "framework/run/missed_steps.h"

#include <algorithm>

namespace buildlab::run {

void leave_out(const scenario::Scenario& scenario, misses::Source& source) {
  for (const std::string& stage : scenario.no_cache) {
    if (stage == scenario::k_all_stages) {
      source.forced = true;
    } else {
      source.forced_stages.push_back(stage);
    }
  }
}

misses::Source source_of(const scenario::Scenario& scenario, scenario::CacheMode mode,
                         std::string_view export_mode, bool fills) {
  misses::Source source;
  source.imported = !fills && mode != scenario::CacheMode::none;
  source.empty = !source.imported;
  if (source.empty) {
    source.lost = "a fresh builder without a cache";
  } else if (export_mode == "min" || mode == scenario::CacheMode::inlined) {
    source.lost = "an export of mode min, or inline, holds what the image's own layers are made of";
  }
  if (!fills) leave_out(scenario, source);
  return source;
}

bool ran_any(const record::Build& build) {
  const auto& steps = build.numbers.steps;
  return std::any_of(steps.begin(), steps.end(),
                     [](const auto& step) { return step.outcome == metrics::StepOutcome::ran; });
}

void tell_misses(const FilledCache& cache, misses::BuildFacts* now, std::string_view dockerfile,
                 record::Build& build) {
  misses::Source source = cache.source;
  // A kept builder has its own cache beside what it imports.
  if (source.imported) source.imports = build.numbers.cache_imports;
  if (now != nullptr) now->sources = build.sources;
  const misses::BuildFacts unknown;
  const auto found = misses::why_missed(build.numbers.steps, now != nullptr ? cache.filled_by : nullptr,
                                        now != nullptr ? *now : unknown, source, dockerfile);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i]) build.numbers.steps[i].miss = found[i];
  }
}

}  // namespace buildlab::run
