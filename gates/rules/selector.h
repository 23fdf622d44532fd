// Which steps a text of expect_cached or expect_ran names. Private to this room.
#pragma once

#include <string>
#include <vector>

#include "framework/metrics/numbers.h"

namespace buildlab::gates {

// The steps that `selector` names: all digits, those whose Dockerfile lines hold that number; else those of
// the stage of that name; else those whose text starts with it (blanks and line breaks count as one blank).
// Empty when none.
std::vector<const metrics::Step*> select(const std::string& selector,
                                         const std::vector<metrics::Step>& steps);

// What there is to name, for the message about a selector that names nothing: "stages build, runtime; did you
// mean …?"
std::string selectable(const std::string& selector, const std::vector<metrics::Step>& steps);

}  // namespace buildlab::gates
