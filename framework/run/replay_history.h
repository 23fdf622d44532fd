// Private to the room: a walk through history with all that it built, for the command and for kind replay.
#pragma once

#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/replay/history.h"
#include "framework/replay/row.h"
#include "framework/run/scenario_run.h"

namespace buildlab::run {

struct HistoryRequest {
  replay::Range range;
  bool anew = false;                 // throw away what an earlier walk of the same commits found
  bool again_when_finished = false;  // and that of a finished one
  std::string scenario = {};         // "" for the command's own
};

struct HistoryResult {
  replay::Walk walk;
  std::vector<record::Build> builds = {};  // of the rows that were built, in their order
};

// run.scenario says on what (cache_mode builder: one kept builder; else fresh ones with that cache),
// run.subject what. Goes on where an earlier walk of the same commits was ended; what an error leaves in
// `result` is kept on disk too.
Status walk_history(ScenarioRun& run, const HistoryRequest& request, HistoryResult& result);

}  // namespace buildlab::run
