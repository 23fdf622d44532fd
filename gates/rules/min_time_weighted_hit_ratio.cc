// The share of the cold seconds that the cache avoided, in the worst valid build.
#include "gates/rules/gate.h"

namespace buildlab::gates {

verdict::Verdict min_time_weighted_hit_ratio(const GateInput& input) {
  constexpr const char* k_gate = "min_time_weighted_hit_ratio";
  const double limit = *input.settings().min_time_weighted_hit_ratio;
  const record::Build* worst = nullptr;
  for (const record::Build* build : input.samples) {
    if (!build->time_weighted_hit_ratio) {
      return not_evaluated(k_gate,
                           fmt::format("there is no cold record of subject \"{}\" with seconds to weigh by",
                                       input.record().subject.name),
                           {"run a scenario of kind cold of this subject first, then this one"});
    }
    if (worst == nullptr || *build->time_weighted_hit_ratio < *worst->time_weighted_hit_ratio) worst = build;
  }
  const std::string message = fmt::format("{:.2f} of the cold seconds avoided in {}, at least {:.2f} asked",
                                          *worst->time_weighted_hit_ratio, name_of(*worst), limit);
  if (*worst->time_weighted_hit_ratio >= limit) return pass(k_gate, message);
  return too_few_hits(k_gate, input.record(), *worst, message);
}

}  // namespace buildlab::gates
