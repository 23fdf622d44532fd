// How two images differ, in the formats that people and programs read. The same comparison gives the same
// bytes.
#pragma once

#include <string>
#include <vector>

#include "framework/drift/difference.h"

namespace buildlab::report {

// A tree, worst first; thousands of differences of one cause are one line. `all` lists every path instead of
// the first ones of each cause.
std::string to_text(const drift::Comparison& comparison, bool colour, bool all);
std::string to_markdown(const drift::Comparison& comparison);  // GitHub's
std::string to_html(const drift::Comparison& comparison);      // a <section>, to be put into a page
std::string to_json(const drift::Comparison& comparison);      // docs/schema/diff.schema.json

// For a gate's message and evidence: one or two lines for each of the worst causes, at most `limit` causes.
std::vector<std::string> drift_lines(const drift::Comparison& comparison, std::size_t limit);

}  // namespace buildlab::report
