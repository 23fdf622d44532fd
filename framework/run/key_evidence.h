// What a builder's cache keys were computed from: read after builds of scenarios that ask for it, and told
// with the reasons why steps ran.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "framework/cache_keys/key_store.h"
#include "framework/run/scenario_run.h"

namespace buildlab::run {

// A note of the record, unless it is there already.
void note_once(ScenarioRun& run, std::string note);

// Of the build that just ended on `builder`; nullptr where the scenario does not ask, the build tells nothing
// of misses, or the keys cannot be read, of which the record gets a note.
std::shared_ptr<const cache_keys::KeyStore> keys_after(ScenarioRun& run, engine::Builder& builder,
                                                       const Order& order,
                                                       const engine::BuildArtifacts& artifacts);

// By the artifacts of the builds that left them.
using LeftKeys = std::map<std::string, std::shared_ptr<const cache_keys::KeyStore>>;
// Those that a build in the record left, which the run holds no longer then: they are large. nullptr where
// they are not known.
std::shared_ptr<const cache_keys::KeyStore> take_keys(LeftKeys& left, const record::Build& build);

// After tell_misses(): details and reasons of the build's steps, by the keys that the build left which had
// filled the cache, and its own; nullptr where they are not known.
void tell_keys(const ScenarioRun& run, const cache_keys::KeyStore* before, const cache_keys::KeyStore* now,
               record::Build& build);

}  // namespace buildlab::run
