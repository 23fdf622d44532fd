// Whether equal runs find the same steps in the cache.
#include <algorithm>
#include <set>

#include "gates/rules/gate.h"

namespace buildlab::gates {
namespace {

const metrics::Step* row_of(const record::Build& build, const metrics::Step& step) {
  const auto& steps = build.numbers.steps;
  const auto found = std::find_if(steps.begin(), steps.end(),
                                  [&](const metrics::Step& other) { return is_same_row(other, step); });
  return found == steps.end() ? nullptr : &*found;
}

bool is_hit(const metrics::Step* step) {
  return step != nullptr && step->outcome == metrics::StepOutcome::hit;
}

// "cached in build 1, build 3; ran, 41.2s in build 2 (result-gone)", hits together.
std::string told(const Samples& samples, const metrics::Step& step) {
  std::string hits;
  std::string others;
  for (const record::Build* build : samples) {
    const metrics::Step* row = row_of(*build, step);
    if (is_hit(row)) {
      hits += (hits.empty() ? "cached in " : ", ") + gates::name_of(*build);
    } else {
      others += fmt::format("; {} in {}", row == nullptr ? "not there" : what_happened(*row),
                            gates::name_of(*build));
      if (row != nullptr && row->miss) others += fmt::format(" ({})", metrics::to_text(*row->miss));
    }
  }
  return hits + others;
}

}  // namespace

verdict::Verdict stable_hit_ratio(const GateInput& input) {
  constexpr const char* k_gate = "stable_hit_ratio";
  const Samples& samples = input.samples;
  if (samples.size() < 2) {
    return not_evaluated(k_gate, "1 valid build, and only several can differ",
                         {"\"runs\": 2 or more in the scenario"});
  }
  std::vector<std::string> evidence;
  const metrics::Step* first = nullptr;
  for (const metrics::Step& step : samples.front()->numbers.steps) {
    const bool hit = is_hit(&step);
    const bool same = std::all_of(samples.begin(), samples.end(), [&](const record::Build* build) {
      return is_hit(row_of(*build, step)) == hit;
    });
    if (same) continue;
    if (first == nullptr) first = &step;
    evidence.push_back(fmt::format("{}: {}", gates::name_of(input.record(), step), told(samples, step)));
  }
  // Rows that only later builds have: the Dockerfile is another one in each.
  std::set<std::string> ratios;
  for (const record::Build* build : samples) {
    ratios.insert(build->numbers.cache_hit_ratio ? fmt::format("{:.2f}", *build->numbers.cache_hit_ratio)
                                                 : "none");
  }
  const std::string seen = ratios.size() == 1
                               ? fmt::format("hit ratio {} in all {} builds", *ratios.begin(), samples.size())
                               : fmt::format("hit ratios {} … {}", *ratios.begin(), *ratios.rbegin());
  if (evidence.empty() && ratios.size() == 1) return pass(k_gate, "the same steps were cached: " + seen);
  const std::string message =
      evidence.empty() ? "other hits in other builds: " + seen
                       : fmt::format("{} {} cached in some builds and not in others: {}", evidence.size(),
                                     evidence.size() == 1 ? "step was" : "steps were", seen);
  return failed(k_gate, input.record(), message, std::move(evidence), first);
}

}  // namespace buildlab::gates
