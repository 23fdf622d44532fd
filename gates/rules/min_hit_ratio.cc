// The share of cacheable steps that came from a cache, in the worst valid build.
#include "gates/rules/gate.h"

namespace buildlab::gates {

verdict::Verdict min_hit_ratio(const GateInput& input) {
  constexpr const char* k_gate = "min_hit_ratio";
  const double limit = *input.settings().min_hit_ratio;
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
