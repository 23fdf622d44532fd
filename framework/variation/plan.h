// Which varied builds to do next, and what all builds so far say of each variation. Pure: the same history
// gives the same plan, so that it is asked again after every build.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/variation/variation.h"

namespace buildlab::variation {

using Set = std::vector<Variation>;  // sorted, each once; empty: nothing is varied

// How far a variation got in one build.
enum class Reach { all, pinned, some, none };

struct Reached {
  Reach reach = Reach::all;
  std::string reason = {};  // of all but `all`
};

// One build.
struct Observation {
  Set set;
  std::string fingerprint;                    // of its image; empty when the build failed
  std::string failure = {};                   // why it failed
  std::vector<Kind> canaries = {};            // found in its image and not in the plain one
  std::map<Variation, Reached> reached = {};  // of variations in `set`; absent: all. Not of a failed build

  bool failed() const { return fingerprint.empty(); }
};

enum class Outcome {
  passed,       // varied, and the image stayed the same
  failed,       // it changes the image
  flaky,        // the image differs with it now and then, and never without
  not_applied,  // it could not be applied, or not everywhere
  unknown,      // the builds do not tell
};

std::string_view to_string(Outcome outcome);  // "not_applied"
Result<Outcome> parse_outcome(std::string_view text);

struct Finding {
  Variation variation;
  Outcome outcome = Outcome::unknown;
  std::string reason = {};       // one sentence; empty for a plain pass
  int builds = 0;                // in which it was varied
  std::string fingerprint = {};  // of the image that shows the outcome; empty when none does
};

struct Asked {
  Set variations;
  std::map<Variation, std::string> obstacles = {};  // known before any build
  int base_builds = 2;                              // with nothing varied, at the start
  int repeats = 2;                                  // that have to agree before a variation is blamed
  int max_builds = 24;                              // those with nothing varied included
};

struct Plan {
  std::vector<Set> builds;        // to do next, in any order or side by side; empty: all is said
  std::vector<Finding> findings;  // of each variation asked for, once `builds` is empty
  bool base_drifts = false;       // the image differs with nothing varied
};

// First the base, then everything at once (of several clocks the nearest, each other one alone). Where that
// differs, what a canary proves is told at once; the rest is searched by halves, one half a step: where the
// first one is innocent the other is not. A suspect is blamed when it differs alone and so do its
// repetitions, while the base, built again beside them, does not. Builds that fail are searched alike: what
// breaks a build cannot be applied to it. The innocent are built together once more at the end.
Plan plan(const Asked& asked, const std::vector<Observation>& history);

}  // namespace buildlab::variation
