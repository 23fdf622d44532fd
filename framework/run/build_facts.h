// The facts of a build that is about to run, for telling later why steps ran
// again.
#pragma once

#include <filesystem>
#include <vector>

#include "framework/base/result.h"
#include "framework/engine/base_image.h"
#include "framework/misses/facts.h"
#include "framework/run/scenario_run.h"

namespace buildlab::run {

// Of the build that `order` asks for, with the context's copy as it is now. Credentials in URLs are left out.
Result<misses::BuildFacts> read_facts(const ScenarioRun& run, const Order& order,
                                      const std::filesystem::path& copy,
                                      const std::vector<engine::ResolvedBase>& bases);

// The same; where they cannot be read the record says so, and that is all.
std::optional<misses::BuildFacts> facts_or_note(ScenarioRun& run, const Order& order,
                                                const std::filesystem::path& copy,
                                                const std::vector<engine::ResolvedBase>& bases);

}  // namespace buildlab::run
