// What a comparison passes over because it was told to.
#pragma once

#include <vector>

#include "framework/drift/difference.h"
#include "framework/policy/policy.h"

namespace buildlab::drift {

// Removes what the policies pass over; returns what each took.
std::vector<Ignored> pass_over(const std::vector<policy::Policy>& policies,
                               std::vector<Difference>& differences);

}  // namespace buildlab::drift
