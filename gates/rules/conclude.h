// From a finished run to its judged and saved record: what the command and the GoogleTest driver both do.
#pragma once

#include "framework/base/result.h"
#include "framework/record/record.h"
#include "framework/record/store.h"
#include "framework/scenario/scenario.h"

namespace buildlab::gates {

// Judges `record` without saving it.
void judge_with_store(record::ScenarioRecord& record, const scenario::Scenario& scenario,
                      const record::Store& store);

// Judges `record` with the scenario's gates (max_duration_ratio reads the store's latest valid record of the
// other scenario with the same subject), sets gates and outcome, and saves it. Errors are the store's.
Status conclude(record::ScenarioRecord& record, const scenario::Scenario& scenario, record::Store& store);

}  // namespace buildlab::gates
