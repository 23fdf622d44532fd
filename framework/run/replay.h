// Builds commit after commit of a repository's history on a kept builder, and tells what each cost.
#pragma once

#include "framework/base/result.h"
#include "framework/replay/history.h"
#include "framework/replay/row.h"
#include "framework/run/run.h"
#include "framework/scenario/scenario.h"

namespace buildlab::run {

struct ReplayRequest {
  replay::Range range;
  bool anew = false;  // throw away what an earlier replay of the same commits found
  // builder: one kept builder; local and registry: a fresh one for each commit, with that cache handed on.
  scenario::CacheMode cache_mode = scenario::CacheMode::builder;
};

// Goes on where an earlier one of the same commits was ended. Rows are kept in the store as they come; an
// error (interrupt, no disk) loses none of them. A commit that cannot be built is a row that says so.
Result<replay::Walk> replay_commits(Session& session, const scenario::ScenarioFile& file,
                                    const scenario::Subject& subject, const ReplayRequest& request);

// The builders of replays with their rows; those in use are left alone.
std::filesystem::path replays_folder(const std::filesystem::path& store);

}  // namespace buildlab::run
