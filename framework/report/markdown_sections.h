// The parts of the markdown report. Each ends in a newline, or is "" where it has nothing to say. Private to
// this room.
#pragma once

#include <string>
#include <vector>

#include "framework/record/record.h"

namespace buildlab::report {

// One row a scenario: outcome, runs, median and interval, hits, digest.
std::string scenarios_section(const std::vector<record::ScenarioRecord>& records);
// Of a scenario that did not pass: gates with evidence, builds that failed or are no sample, what stopped it.
std::string failure_section(const record::ScenarioRecord& record);
// Where the seconds of each scenario's last build went.
std::string parts_section(const std::vector<record::ScenarioRecord>& records);
// The steps of the scenario's last build, with Dockerfile lines.
std::string steps_section(const record::ScenarioRecord& record);
std::string bases_section(const std::vector<record::ScenarioRecord>& records);
// One row for each set of circumstances (they may differ between runs), with the scenarios that it held for.
std::string circumstances_section(const std::vector<record::ScenarioRecord>& records);

}  // namespace buildlab::report
