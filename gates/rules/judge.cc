// The table of gates, and what their verdicts come to.
#include "gates/rules/rules.h"

#include <algorithm>
#include <array>

#include "gates/rules/gate.h"

namespace buildlab::gates {
namespace {

struct Gate {
  std::string_view name;
  bool (*is_set)(const scenario::GateSettings&);
  verdict::Verdict (*judge)(const GateInput&);
  bool on_time = false;
};

using Settings = scenario::GateSettings;

// In the order of GateSettings.
constexpr std::array k_gates{
    Gate{"digest_stable", [](const Settings& s) { return s.digest_stable.has_value(); }, digest_stable},
    Gate{"variations_stable", [](const Settings& s) { return s.variations_stable; }, variations_stable},
    Gate{"min_hit_ratio", [](const Settings& s) { return s.min_hit_ratio.has_value(); }, min_hit_ratio},
    Gate{"min_time_weighted_hit_ratio",
         [](const Settings& s) { return s.min_time_weighted_hit_ratio.has_value(); },
         min_time_weighted_hit_ratio},
    Gate{"stable_hit_ratio", [](const Settings& s) { return s.stable_hit_ratio; }, stable_hit_ratio},
    Gate{"max_duration_sec", [](const Settings& s) { return s.max_duration_sec.has_value(); },
         max_duration_sec, true},
    Gate{"max_duration_ratio", [](const Settings& s) { return s.max_duration_ratio.has_value(); },
         max_duration_ratio, true},
    Gate{"max_spread", [](const Settings& s) { return s.max_spread.has_value(); }, max_spread, true},
    Gate{"expect_cached", [](const Settings& s) { return !s.expect_cached.empty(); }, expect_cached},
    Gate{"expect_ran", [](const Settings& s) { return !s.expect_ran.empty(); }, expect_ran},
    Gate{"max_image_size", [](const Settings& s) { return s.max_image_size.has_value(); }, max_image_size},
};

bool is_sample(const record::Build& build) {
  return build.valid && !build.failure;
}

bool any_failed(const std::vector<record::Build>& builds) {
  return std::any_of(builds.begin(), builds.end(), [](const record::Build& build) { return build.failure; });
}

}  // namespace

bool is_baseline(const record::ScenarioRecord& candidate, const record::SubjectKey& subject) {
  return candidate.subject.same_declaration(subject) &&
         std::any_of(candidate.builds.begin(), candidate.builds.end(), is_sample);
}

std::vector<verdict::Verdict> judge(const RuleInput& input) {
  Samples samples;
  for (const record::Build& build : input.record.builds) {
    if (is_sample(build)) samples.push_back(&build);
  }
  std::vector<verdict::Verdict> verdicts{valid_builds(input.record)};
  for (const Gate& gate : k_gates) {
    if (!gate.is_set(input.settings)) continue;
    verdicts.push_back(samples.empty()
                           ? not_evaluated(std::string(gate.name), "there is no valid build to look at")
                       : gate.on_time ? judge_time({input, samples}, gate.judge)
                                      : gate.judge({input, samples}));
  }
  return verdicts;
}

verdict::Outcome outcome(const record::ScenarioRecord& record,
                         const std::vector<verdict::Verdict>& verdicts) {
  using verdict::Outcome;
  Outcome result = verdicts.empty() ? Outcome::not_evaluated : Outcome::passed;
  for (const verdict::Verdict& verdict : verdicts) {
    if (verdict.ruling == verdict::Ruling::fail) result = worst(result, Outcome::gate_failed);
    if (verdict.ruling == verdict::Ruling::not_evaluated) result = worst(result, Outcome::not_evaluated);
  }
  if (any_failed(record.builds) || any_failed(record.priming)) result = worst(result, Outcome::build_failed);
  // Until it is judged a record's own outcome says only what stopped it.
  if (record.error) {
    const bool says = record.outcome != Outcome::passed && record.outcome != Outcome::gate_failed;
    result = worst(result, says ? record.outcome : Outcome::infrastructure);
  } else if (record.outcome == Outcome::interrupted || record.outcome == Outcome::infrastructure ||
             record.outcome == Outcome::invalid) {
    result = worst(result, record.outcome);
  }
  return result;
}

}  // namespace buildlab::gates
