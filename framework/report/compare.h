// Two runs, or two scenarios of one subject, side by side.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "framework/metrics/decision.h"
#include "framework/metrics/statistics.h"
#include "framework/record/record.h"

namespace buildlab::report {

struct ComparisonRow {
  std::string before_name;
  std::string after_name;
  std::string before_run;
  std::string after_run;
  std::vector<double> before_sec;  // raw values of the valid builds
  std::vector<double> after_sec;
  std::vector<std::size_t> before_outliers;  // indices into the two: beyond Tukey's fences, but counted
  std::vector<std::size_t> after_outliers;
  std::optional<double> before_median;
  std::optional<double> after_median;
  std::optional<metrics::Estimate> ratio;  // medians, after / before, with its 95 % interval
  // By how much the machine's pace may differ between the two; 1 where they are of one run.
  double pace = 1;
  // What metrics::compare_apart says: "slower", "faster", "no difference seen", "too few builds", "built at
  // other times"; "not comparable" where a side has no valid build, "noisy network" where one has none
  // without trouble: then there is no ratio.
  std::string change;
  std::optional<std::string> before_noisy;  // what its builds met, where all of them did
  std::optional<std::string> after_noisy;
  std::optional<double> before_hits;
  std::optional<double> after_hits;
  // All manifest digests of a side, sorted, joined by ", "; "" without an image, and where the scenario
  // mutates its input, so that its digests differ by design.
  std::string before_digest;
  std::string after_digest;
  std::string moved_most;  // "Dockerfile:2 RUN apt-get … 11.8s → 5.1s", "" when nothing moved
  std::vector<std::string> circumstances;  // what differs between the two: "BuildKit v0.31.0 → v0.32.2", …
};

struct Comparison {
  bool by_subject = false;  // the runs share no scenario: two scenarios of one subject side by side
  std::vector<ComparisonRow> rows;
  std::vector<std::string> unpaired;  // scenarios that only one side has
};

// Pairs by name; where the sides share none, by subject: scenarios of one kind first, then in order. `pace`:
// of records of two runs.
Comparison compare(const std::vector<record::ScenarioRecord>& before,
                   const std::vector<record::ScenarioRecord>& after, double pace = metrics::k_pace);

std::string to_text(const Comparison& comparison, bool colour);
std::string to_json(const Comparison& comparison);

}  // namespace buildlab::report
