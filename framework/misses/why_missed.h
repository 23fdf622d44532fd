// Decides why steps ran, from the facts of the build that filled the cache and of the build that used it.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/metrics/numbers.h"
#include "framework/misses/facts.h"
#include "framework/misses/reason.h"

namespace buildlab::misses {

// The cache that should have held the results.
struct Source {
  bool empty = false;                              // nothing was built into it before
  bool forced = false;                             // the build was told not to use it
  std::vector<std::string> forced_stages = {};     // or not to for these stages
  bool imported = false;                           // it is an external cache, which has to be imported
  std::vector<metrics::CacheImport> imports = {};  // what the build tells of that
  std::optional<std::string> lost = {};            // what is known of results that it does not hold
};

// One for each step: nullopt where it did not run, or where nothing tells why. `dockerfile` is what lines are
// quoted with; `before` is nullptr where the facts of the earlier build are not known.
std::vector<std::optional<Miss>> why_missed(const std::vector<metrics::Step>& steps, const BuildFacts* before,
                                            const BuildFacts& now, const Source& source,
                                            std::string_view dockerfile);

}  // namespace buildlab::misses
