// Which of the steps that wrote differing layers drift by themselves. Private to this room.
#pragma once

#include <vector>

#include "framework/record/drift.h"
#include "framework/run/drift_analysis.h"

namespace buildlab::run {

// What `build_a` and `build_b` are asked for is built on the states that these builds left.
Result<std::vector<record::DriftingStep>> find_origins(ScenarioRun& run, const DriftSource& source,
                                                       int build_a, int build_b);

}  // namespace buildlab::run
