// Builds in varied surroundings, after the plain ones of a reproducibility scenario.
#pragma once

#include "framework/base/result.h"
#include "framework/run/fresh_builds.h"
#include "framework/run/same_images.h"

namespace buildlab::run {

// Fills run.record.variations and varied_builds, and adds plain builds where the plan asks for more of them.
// The plain builds so far are in the record. An error only when the builds' surroundings failed.
Status run_variations(ScenarioRun& run, FreshBuilds& fresh, SameImages& same);

}  // namespace buildlab::run
