// The gates: a record and its settings in, verdicts out. Pure; no GoogleTest, starts no build.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/time.h"
#include "framework/record/record.h"
#include "framework/scenario/scenario.h"
#include "framework/verdict/verdict.h"

namespace buildlab::gates {

// What max_duration_ratio may compare with: the same declaration of the subject, and at least one valid
// build.
bool is_baseline(const record::ScenarioRecord& candidate, const record::SubjectKey& subject);

// The newest record of another scenario that is_baseline() accepts; nullopt when there is none.
using FindRecord = std::function<std::optional<record::ScenarioRecord>(const std::string& scenario)>;

struct RuleInput {
  const record::ScenarioRecord& record;
  const scenario::GateSettings& settings;
  FindRecord find;
  WallTime now;  // "3 h old"
};

// One verdict for every gate that is set, in the order of GateSettings, and `valid_builds` first: not
// evaluated when a build was no sample. Gates see the valid measured builds only, never priming builds;
// without any they are not evaluated (docs/gates.md).
std::vector<verdict::Verdict> judge(const RuleInput& input);

// What the record and its verdicts come to: passed only if there are verdicts and all of them pass.
verdict::Outcome outcome(const record::ScenarioRecord& record, const std::vector<verdict::Verdict>& verdicts);

}  // namespace buildlab::gates
