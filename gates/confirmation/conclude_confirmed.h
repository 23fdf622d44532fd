// From a finished run to its judged and saved record, where what is red for its times has been built again:
// what the command and the GoogleTest driver both do.
#pragma once

#include <optional>

#include "framework/base/result.h"
#include "framework/base/time.h"
#include "framework/record/record.h"
#include "framework/record/store.h"
#include "framework/run/run.h"
#include "framework/scenario/scenario.h"

namespace buildlab::gates {

struct Surroundings {
  const scenario::ScenarioFile& file;
  record::Store& store;
  run::Session& session;
  run::Observer& observer;
  std::optional<SteadyClock::time_point> until = {};  // when builds are stopped, if ever
};

// As conclude() (gates/rules/conclude.h), with a confirmation before a gate on time fails. Errors are the
// store's; a further build that cannot be made stands in the record.
Status conclude_confirmed(record::ScenarioRecord& record, const scenario::Scenario& scenario,
                          const Surroundings& surroundings);

}  // namespace buildlab::gates
