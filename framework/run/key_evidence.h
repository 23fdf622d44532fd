// What a builder's cache keys were computed from: read after builds of scenarios that ask for it, and told
// with the reasons why steps ran.
#pragma once

#include <memory>

#include "framework/cache_keys/key_store.h"
#include "framework/run/scenario_run.h"

namespace buildlab::run {

// Of the build that just ended on `builder`; nullptr where the scenario does not ask, the build tells nothing
// of misses, or the keys cannot be read, of which the record gets a note.
std::shared_ptr<const cache_keys::KeyStore> keys_after(ScenarioRun& run, engine::Builder& builder,
                                                       const Order& order,
                                                       const engine::BuildArtifacts& artifacts);

// Those that a build in the record left; nullptr where they are not known.
std::shared_ptr<const cache_keys::KeyStore> keys_of(const ScenarioRun& run, const record::Build& build);

// After tell_misses(): details and reasons of the build's steps, by its keys and those that the build left
// which had filled the cache; nullptr where they are not known.
void tell_keys(const ScenarioRun& run, const cache_keys::KeyStore* before, record::Build& build);

}  // namespace buildlab::run
