// Builds that are told to use no cache for some stages.
#pragma once

#include "framework/base/result.h"
#include "framework/dockerfile/dockerfile.h"
#include "framework/engine/request.h"
#include "framework/scenario/scenario.h"

namespace buildlab::run {

// Errors: usage, for a name that no stage has.
Status require_stages(const scenario::Scenario& scenario, const dockerfile::Dockerfile& file);

void use_no_cache(const scenario::Scenario& scenario, engine::BuildRequest& request);

}  // namespace buildlab::run
