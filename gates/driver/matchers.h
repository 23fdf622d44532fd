// Matchers over records for hand-written GoogleTest drivers. Each asks the same rule as the gate of that
// name, and explains itself with the gate's message and evidence; what cannot be evaluated does not match.
//
//   EXPECT_THAT(record, AllOf(HasHitRatioAtLeast(0.9), CachedSteps({"deps"}), RanSteps({"RUN g++"})));
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "framework/record/record.h"
#include "framework/scenario/scenario.h"

namespace buildlab::gates {

using RecordMatcher = ::testing::Matcher<const record::ScenarioRecord&>;

// Every build was a sample, and no gate of the scenario itself failed or was left unevaluated.
RecordMatcher Passes();

// All builds gave the same image. `policy`: which differences pass.
RecordMatcher IsReproducible(scenario::DigestPolicy policy = scenario::DigestPolicy::manifest);
// Every build's platform manifest has this digest ("sha256:…").
RecordMatcher HasDigest(std::string digest);

RecordMatcher HasHitRatioAtLeast(double ratio);              // 0..1
RecordMatcher HasTimeWeightedHitRatioAtLeast(double ratio);  // 0..1
RecordMatcher TakesAtMost(double seconds);
// Of the duration of `other`, a record of the same subject.
RecordMatcher TakesAtMostRatioOf(double ratio, record::ScenarioRecord other);
// Of the builds' durations, at least four: interquartile range over median.
RecordMatcher HasSpreadAtMost(double ratio);
// The same steps were cached in all builds, at least two.
RecordMatcher HasStableHits();

// A step is named by its stage, its line number, or the start of its text.
RecordMatcher CachedSteps(std::vector<std::string> steps);
RecordMatcher RanSteps(std::vector<std::string> steps);

RecordMatcher HasImageSizeAtMost(Bytes size);

}  // namespace buildlab::gates
