// Gates on time look past builds that had trouble with the network: their durations say little of the
// Dockerfile. Where no other build is left, such a gate says so in place of "slower".
#include <algorithm>

#include "gates/rules/gate.h"

namespace buildlab::gates {
namespace {

// "build 2, build 4"
std::string names_of(const Samples& samples) {
  std::string names;
  for (const record::Build* build : samples) names += (names.empty() ? "" : ", ") + gates::name_of(*build);
  return names;
}

void tell(const Samples& noisy, std::vector<std::string>& evidence) {
  for (const record::Build* build : noisy)
    evidence.push_back(fmt::format("{}: noisy network: {}", gates::name_of(*build), *build->noisy_network));
}

}  // namespace

Samples calm(const Samples& samples) {
  Samples left;
  std::copy_if(samples.begin(), samples.end(), std::back_inserter(left),
               [](const record::Build* build) { return !build->noisy_network; });
  return left;
}

verdict::Verdict judge_time(const GateInput& input, verdict::Verdict (*judge)(const GateInput&)) {
  Samples noisy;
  std::copy_if(input.samples.begin(), input.samples.end(), std::back_inserter(noisy),
               [](const record::Build* build) { return build->noisy_network.has_value(); });
  if (noisy.empty()) return judge(input);
  if (const Samples left = calm(input.samples); !left.empty()) {
    verdict::Verdict verdict = judge({input.rule, left});
    verdict.message += fmt::format("; left out for a noisy network: {}", names_of(noisy));
    tell(noisy, verdict.evidence);
    return verdict;
  }
  verdict::Verdict verdict = judge(input);
  tell(noisy, verdict.evidence);
  // Trouble does not make a build faster.
  if (verdict.ruling == verdict::Ruling::pass) return verdict;
  return not_evaluated(std::move(verdict.gate), "noisy network: " + verdict.message,
                       std::move(verdict.evidence));
}

}  // namespace buildlab::gates
