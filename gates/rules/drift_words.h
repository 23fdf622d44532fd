// What a record knows of drift, as lines of a verdict's evidence. Private to this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/record/record.h"

namespace buildlab::gates {

// "passed over: 3 differences by "path=…": why".
std::string passed_over_words(const record::PassedOver& passed_over);

// One block for each cause: what it is and where it was written, what shows it, how to mend it; then which
// steps drift by themselves.
std::vector<std::string> drift_words(const record::ScenarioRecord& record, const record::Drift& drift);
// The same of images that are no two plain builds'; `images` names them.
std::vector<std::string> drift_words(const record::ScenarioRecord& record, const record::Drift& drift,
                                     std::string_view images);
// The first line of the Dockerfile to look at: a step that drifts by itself, else one that wrote a
// difference; 0 when none is known.
int line_of(const record::Drift& drift);

}  // namespace buildlab::gates
