// The map of a subject's context: which edits re-run which steps. From the Dockerfile, the context's files
// and the newest cold record; where asked for, from builds of an edit each.
#pragma once

#include <cstddef>

#include "framework/base/result.h"
#include "framework/invalidation/map.h"
#include "framework/record/store.h"
#include "framework/run/run.h"
#include "framework/scenario/scenario.h"

namespace buildlab::run {

// Builds nothing. Errors are those of the Dockerfile and of .dockerignore.
Result<invalidation::Map> derive_map(const scenario::ScenarioFile& file, const record::Store& store,
                                     const scenario::Subject& subject);

// Edits one file of each of the `count` costliest classes on the subject's kept builder, one after another. A
// class whose edit cannot be built stays derived and says why; an error ends it (interrupt, no builder).
Status probe_map(Session& session, const scenario::Subject& subject, std::size_t count,
                 invalidation::Map& map);

}  // namespace buildlab::run
