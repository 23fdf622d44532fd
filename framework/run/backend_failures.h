// What failed builds of a matrix's backends mean for the others. Values only.
#pragma once

#include <optional>
#include <vector>

#include "framework/base/result.h"
#include "framework/record/record.h"

namespace buildlab::run {

// A bad moment passes; who fails twice in a row is not waited for in every further round.
inline constexpr int k_most_failures_in_a_row = 2;

struct BackendFailures {
  std::optional<Error> first = std::nullopt;
  int in_a_row = 0;
  bool given_up = false;  // no further builds

  friend bool operator==(const BackendFailures&, const BackendFailures&) = default;
};

// Whether a build failed by what its backend met, or by the Dockerfile, so that the others can go on all the
// same. Anything else, a full disk or an interrupt, meets them too. `entry` is nullptr where there is none.
bool others_can_go_on(const Error& error, const record::Build* entry);

// Round 0 fills the caches: without that there is nothing to measure.
void take_failure(BackendFailures& failures, int round, const Error& error);

// An error where every build of a round failed, so that nothing is left to compare. Filling that was refused
// says nothing of a runner without a cache, which is not filled.
Status end_of_round(const std::vector<const BackendFailures*>& built, int round);

// Whether a further round would build anything.
bool anyone_is_left(const std::vector<const BackendFailures*>& backends);

// What the matrix ends with: the failure that weighs most, the others' words behind it; good without any.
Status end_of_matrix(const std::vector<const BackendFailures*>& backends);

}  // namespace buildlab::run
