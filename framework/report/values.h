// Small values that several formats show in the same words. Selects and names; the arithmetic is metrics'.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/record/record.h"
#include "framework/report/report.h"

namespace buildlab::report {

// A copy without credentials in URLs: the last defence behind the engine's own redaction.
ReportInput redacted(const ReportInput& input);
record::ScenarioRecord redacted(record::ScenarioRecord record);

std::vector<double> valid_durations(const record::ScenarioRecord& record);
// The last valid build, else the last; nullptr without one.
const record::Build* last_build(const record::ScenarioRecord& record);

// "0.83": two digits, and neither 0.00 nor 1.00 unless it is exactly that.
std::string ratio_text(double ratio);
// "sha256:c6d780da"; other text as it is.
std::string short_digest(std::string_view digest);
// "Dockerfile:4".
std::string location(const record::ScenarioRecord& record, const metrics::Step& step);
// "Dockerfile:4 COPY src/ ."
std::string step_name(const record::ScenarioRecord& record, const metrics::Step& step);
// "COPY", "RUN g++": enough to recognise a step whose line is known.
std::string short_instruction(std::string_view text);
// "4/4 cached", "2…4/4 cached" where builds differ, "" without a build or without a step that counts.
std::string hits_text(const std::vector<record::Build>& builds);
// The manifest digests of the builds, each once, in order.
std::vector<std::string> digests_of(const std::vector<record::Build>& builds);
// "build 1", "build 2 (B)".
std::string build_label(const record::Build& build);
// "16.2s", "null" without a value.
std::string seconds_or_null(const std::optional<double>& seconds);

}  // namespace buildlab::report
