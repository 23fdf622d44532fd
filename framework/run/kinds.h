// How each kind of scenario builds. Each fills run.record; an error ends the scenario with what is recorded
// so far.
#pragma once

#include "framework/base/result.h"
#include "framework/run/scenario_run.h"

namespace buildlab::run {

// cold: a fresh builder for each run, one after another.
// reproducibility: N fresh builders, side by side where cores allow.
Status run_on_fresh_builders(ScenarioRun& run);

// warm and edit: the subject's kept builder, primed first when it has to be.
Status run_on_kept_builder(ScenarioRun& run);

// ephemeral: a fresh builder for each run that imports and exports an external cache, after one that filled
// it.
Status run_ephemeral(ScenarioRun& run);

// matrix: every backend's runner in turn, after one build each that filled what it keeps.
Status run_matrix(ScenarioRun& run);

// replay: the commits of a repository's history, one build each. The record has its rows beside its builds.
Status run_replay(ScenarioRun& run);

}  // namespace buildlab::run
