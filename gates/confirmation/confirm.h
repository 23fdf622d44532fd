// Further builds before a gate on time is red: round after round, both arms by turns, until they say that the
// scenario is slower, or that it is not seen again.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "framework/base/result.h"
#include "framework/record/record.h"
#include "framework/scenario/scenario.h"

namespace buildlab::gates {

struct Arms {
  std::string gate;
  const scenario::Scenario& scenario;
  const scenario::Scenario* of = nullptr;  // nullptr: a limit in seconds
  double limit = 1;                        // of the quotient, or seconds
  int at_most = 1;                         // rounds, above zero
  // For all rounds; nullopt without a limit. None is begun that would exceed it, if it takes as long as those
  // before on average; of the first, round_sec is expected.
  std::optional<double> budget_sec = {};
  double round_sec = 0;
};

// Of what the scenario allows, less what was spent of it, and of `left_sec`, after which everything is
// stopped, the smaller; nullopt where there is neither.
std::optional<double> time_for(const scenario::GateSettings& settings, double spent_sec,
                               std::optional<double> left_sec);

// One build of the scenario; its artifacts' names begin with `prefix`.
using BuildOnce =
    std::function<Result<record::ScenarioRecord>(const scenario::Scenario&, const std::string& prefix)>;

// Seconds that confirm() has taken so far.
using SpentSec = std::function<double()>;

// The first round is in the reversed order of the run, in which the other scenario came first; each round
// reverses the one before. A round with a build that is no sample does not count.
record::Confirmation confirm(const Arms& arms, const BuildOnce& build, const SpentSec& spent);

}  // namespace buildlab::gates
