// One build on a builder of its own, with an external cache or without.
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>

#include "framework/engine/base_image.h"
#include "framework/misses/facts.h"
#include "framework/run/external_cache.h"
#include "framework/run/scenario_run.h"

namespace buildlab::run {

// Of a builder that is kept from build to build: what priming put into its cache, to which it is brought
// back before each measured build, and how much of that was gone by then.
struct KeptCache {
  std::set<std::string> primed;
  std::size_t lost = 0;
};

struct CachedOrder {
  Order order;
  CacheUse use;
  std::vector<fault::Fault> faults = {};      // that a measured build meets before the private registry
  std::filesystem::path root;                 // of its builder
  KeptCache* kept = nullptr;                  // nullptr for a fresh one, which is gone afterwards
  const misses::BuildFacts* facts = nullptr;  // of what it builds; nullptr where they are not known
};

// Starts the builder, and a proxy before the private registry of `cache` which counts what this build
// transfers; builds, records, and ends both. Of a measured build whose requests failed and whose inputs were
// changed since the cache was filled, the image is compared with that of the same build undisturbed, which
// joins record.references; where they differ it is no sample.
Status build_with_cache(ScenarioRun& run, const std::filesystem::path& copy, const engine::BaseImages& bases,
                        const ExternalCache& cache, CachedOrder order);

}  // namespace buildlab::run
