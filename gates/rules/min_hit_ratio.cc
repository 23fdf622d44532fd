// The share of cacheable steps that came from a cache, in the worst valid build; of a walk through history in
// all of them together, as some commits change what every step reads.
#include "gates/rules/gate.h"

namespace buildlab::gates {
namespace {

verdict::Verdict of_all_commits(const GateInput& input, const char* gate, double limit) {
  int hits = 0;
  int ran = 0;
  const record::Build* worst = input.samples.front();
  for (const record::Build* build : input.samples) {
    hits += build->numbers.hits;
    ran += build->numbers.ran;
    if (build->numbers.ran > worst->numbers.ran) worst = build;
  }
  if (hits + ran == 0) return not_evaluated(gate, "no commit has a step that is cached or ran");
  const double ratio = static_cast<double>(hits) / (hits + ran);
  const std::string message =
      fmt::format("{:.2f} in {} commits ({} of {} steps cached), at least {:.2f} asked", ratio,
                  input.samples.size(), hits, hits + ran, limit);
  if (ratio >= limit) return pass(gate, message);
  return too_few_hits(gate, input.record(), *worst, message);
}

}  // namespace

verdict::Verdict min_hit_ratio(const GateInput& input) {
  constexpr const char* k_gate = "min_hit_ratio";
  const double limit = *input.settings().min_hit_ratio;
  if (input.record().replay) return of_all_commits(input, k_gate, limit);
  const record::Build* worst = nullptr;
  for (const record::Build* build : input.samples) {
    const metrics::Numbers& numbers = build->numbers;
    if (!numbers.cache_hit_ratio) {
      return not_evaluated(k_gate, fmt::format("{} has no step that is cached or ran, so it has no hit ratio",
                                               name_of(*build)));
    }
    if (worst == nullptr || *numbers.cache_hit_ratio < *worst->numbers.cache_hit_ratio) worst = build;
  }
  const metrics::Numbers& numbers = worst->numbers;
  const std::string message =
      fmt::format("{:.2f} in {} ({} of {} steps cached), at least {:.2f} asked", *numbers.cache_hit_ratio,
                  name_of(*worst), numbers.hits, numbers.hits + numbers.ran, limit);
  if (*numbers.cache_hit_ratio >= limit) return pass(k_gate, message);
  return too_few_hits(k_gate, input.record(), *worst, message);
}

}  // namespace buildlab::gates
