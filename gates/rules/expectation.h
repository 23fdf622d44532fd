// What expect_cached and expect_ran share: each selector is judged in each valid build. Private to this room.
#pragma once

#include "gates/rules/gate.h"

namespace buildlab::gates {

// What one build says about the steps that one selector names.
struct Answer {
  verdict::Ruling ruling = verdict::Ruling::pass;
  const metrics::Step* step = nullptr;  // the one that decides
};

using Ask = Answer (*)(const std::vector<const metrics::Step*>& steps);

// Fails if any selector fails in any build; else not evaluated if any could not be; else passes. `asked` ends
// the sentence "… must …": "be cached".
verdict::Verdict expectation(const GateInput& input, std::string gate,
                             const std::vector<std::string>& selectors, std::string_view asked, Ask ask);

}  // namespace buildlab::gates
