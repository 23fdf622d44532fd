// What the gates share: the samples they look at, and how they speak. Private to this room.
#pragma once

#include <fmt/format.h>
#include <string>
#include <vector>

#include "framework/metrics/decision.h"
#include "gates/rules/rules.h"

namespace buildlab::gates {

// A time fails a gate only when it is beyond the limit by both (framework/metrics/decision.h).
using metrics::k_absolute_floor_sec;
using metrics::k_relative_floor;

using Samples = std::vector<const record::Build*>;

struct GateInput {
  const RuleInput& rule;
  const Samples& samples;  // never empty

  const record::ScenarioRecord& record() const { return rule.record; }
  const scenario::GateSettings& settings() const { return rule.settings; }
};

verdict::Verdict pass(std::string gate, std::string message, std::vector<std::string> evidence = {});
verdict::Verdict not_evaluated(std::string gate, std::string message, std::vector<std::string> evidence = {});
// About the Dockerfile as a whole, or about the lines of `step`.
verdict::Verdict failed(std::string gate, const record::ScenarioRecord& record, std::string message,
                        std::vector<std::string> evidence = {}, const metrics::Step* step = nullptr);

// "build 2", "build 2 (builder A)".
std::string name_of(const record::Build& build);
// "Dockerfile:5 RUN npm ci"
std::string name_of(const record::ScenarioRecord& record, const metrics::Step& step);
// "ran, 41.2s", "cached (local)", "not in the build's graph"
std::string what_happened(const metrics::Step& step);
// "; input-content: src/main.cpp" of a step that ran; "" where nothing tells.
std::string why_it_ran(const metrics::Step& step);
// "3 h old"
std::string age(WallTime then, WallTime now);

std::vector<double> durations(const Samples& samples);

// Rows of two builds of one scenario that mean one instruction.
bool is_same_row(const metrics::Step& a, const metrics::Step& b);

// A median of the samples' times and what it may be at most, in seconds.
struct TimeLimit {
  double median_sec = 0;
  double limit_sec = 0;
};
// What a gate on time says: slower fails, where further builds were made only if they say so too; a median
// beyond the limit by both floors of builds that are too few is not evaluated; all else passes.
verdict::Verdict rule_on_time(const GateInput& input, std::string gate, metrics::Change change,
                              const TimeLimit& time, std::string message, std::vector<std::string> evidence);

// Those without trouble of the network.
Samples calm(const Samples& samples);
// What a gate on time says of those; of all where none is left, but then "slower" is not evaluated.
verdict::Verdict judge_time(const GateInput& input, verdict::Verdict (*judge)(const GateInput&));

// One line for each step of the build that ran, longest first.
std::vector<std::string> steps_that_ran(const record::ScenarioRecord& record, const record::Build& build);
// The longest step that ran; nullptr when none did.
const metrics::Step* longest_that_ran(const record::Build& build);
// Hits were asked for, and these are too few: `message` ends with the first step that was not re-keyed by
// another one, and its reason, where that is told; its line is the gate's, else that of the longest step.
verdict::Verdict too_few_hits(std::string gate, const record::ScenarioRecord& record,
                              const record::Build& build, std::string message);

// One function a gate, each in a file of its name. Called only where its setting is set.
verdict::Verdict valid_builds(const record::ScenarioRecord& record);
verdict::Verdict digest_stable(const GateInput& input);
verdict::Verdict variations_stable(const GateInput& input);
verdict::Verdict min_hit_ratio(const GateInput& input);
verdict::Verdict min_time_weighted_hit_ratio(const GateInput& input);
verdict::Verdict stable_hit_ratio(const GateInput& input);
verdict::Verdict max_duration_sec(const GateInput& input);
verdict::Verdict max_duration_ratio(const GateInput& input);
verdict::Verdict max_spread(const GateInput& input);
verdict::Verdict expect_cached(const GateInput& input);
verdict::Verdict expect_ran(const GateInput& input);
verdict::Verdict max_image_size(const GateInput& input);

}  // namespace buildlab::gates
