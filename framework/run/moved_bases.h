// Base images whose tag named another image when a scenario ended than when a registry was asked for the
// digest that all builds of the run had (run_bases.h): before its first build, or, for a kept builder, up to
// an hour earlier.
#pragma once

#include <vector>

#include "framework/engine/base_image.h"
#include "framework/record/record.h"
#include "framework/run/scenario_run.h"

namespace buildlab::run {

// References whose tag can have moved: neither pinned in the Dockerfile nor made locally.
std::vector<std::string> movable(const std::vector<engine::ResolvedBase>& pinned);

std::vector<record::MovedBase> moved_bases(const std::vector<engine::ResolvedBase>& pinned,
                                           const std::vector<engine::ResolvedBase>& now);

// The note about one.
std::string moved_words(const record::MovedBase& moved);

// Asks the registries once more and takes what moved into the record, with a note each. An answer that does
// not come is a note too: the builds are what they are.
// Whether they answered and nothing moved.
bool ask_moved_bases(ScenarioRun& run, const std::vector<engine::ResolvedBase>& pinned);

}  // namespace buildlab::run
