// A walk through history in the formats that people and programs read. The same walk gives the same bytes.
#pragma once

#include <string>
#include <vector>

#include "framework/base/json.h"
#include "framework/replay/row.h"
#include "framework/replay/sums.h"

namespace buildlab::report {

std::string to_text(const replay::Walk& walk, bool colour);
std::string to_markdown(const replay::Walk& walk);  // GitHub's
std::string to_json(const replay::Walk& walk);      // docs/schema/replay.schema.json
Json document_of(const replay::Walk& walk);         // the same as a value
// For the scenario of a walk: what its commits cost, and the classes of paths that cost most.
std::vector<std::string> replay_lines(const replay::Walk& walk);

// "24 of 30 builds count: median 1.2s (0.9s … 1.6s), mean 2.3s; 81 % of the steps came from the cache"
std::string summary_line(const replay::Sums& sums);
// Why rows do not count: "2 builds failed, 1 commit has no Dockerfile"; "" where all do.
std::string left_out_line(const replay::Walk& walk, const replay::Sums& sums);
// "re-ran :4 COPY, :5 RUN make" of a row, or its problem.
std::string row_words(const replay::Row& row);

}  // namespace buildlab::report
