// Why steps of a build ran, into its entry of the record.
#pragma once

#include <optional>
#include <string_view>

#include "framework/misses/facts.h"
#include "framework/misses/why_missed.h"
#include "framework/record/record.h"
#include "framework/scenario/scenario.h"

namespace buildlab::run {

// The cache that a build had: what filled it, and how it was to be used.
struct FilledCache {
  misses::Source source = {};  // imports of an external cache are those of the build
  const misses::BuildFacts* filled_by = nullptr;
};

// Which stages a scenario's measured builds are told to build without a cache.
void leave_out(const scenario::Scenario& scenario, misses::Source& source);

// Of a build whose runner has an external cache or none; `fills` is the one that makes the cache.
misses::Source source_of(const scenario::Scenario& scenario, scenario::CacheMode mode,
                         std::string_view export_mode, bool fills);

bool ran_any(const record::Build& build);

// `now` are the facts of the build itself, nullptr where they are not known; they are given what the build
// was given from outside. What its progress told of results that could not be read stays where nothing better
// is known.
void tell_misses(const FilledCache& cache, misses::BuildFacts* now, std::string_view dockerfile,
                 record::Build& build);

}  // namespace buildlab::run
