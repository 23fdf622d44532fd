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
};

// One build of the scenario; its artifacts' names begin with `prefix`.
using BuildOnce =
    std::function<Result<record::ScenarioRecord>(const scenario::Scenario&, const std::string& prefix)>;

// The first round is in the reversed order of the run, in which the other scenario came first; each round
// reverses the one before. A round with a build that is no sample does not count.
record::Confirmation confirm(const Arms& arms, const BuildOnce& build);

}  // namespace buildlab::gates
