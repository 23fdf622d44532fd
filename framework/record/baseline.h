// A baseline: what scenarios took when a team was content with them, as a file to commit. Values, and their
// JSON (docs/schema/baseline.schema.json).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/json.h"
#include "framework/base/result.h"
#include "framework/record/record.h"

namespace buildlab::record {

inline constexpr int k_baseline_schema_version = 2;

struct BaselineRow {
  std::string name;  // the scenario's
  std::string kind;
  std::string cache_mode;
  std::string input_mutation;  // "" without
  std::string run_id;
  std::string started;
  SubjectKey subject;  // credentials in URLs left out
  std::vector<double> durations_sec;
  int hits = 0;  // over all builds
  int ran = 0;
  Circumstances circumstances;
  // Of the scenario beside kind, cache mode and mutation, with the cache's attributes and the faults; nullopt
  // in files of version 1, which did not hold it.
  std::optional<std::map<std::string, std::string>> declaration = std::nullopt;

  friend bool operator==(const BaselineRow&, const BaselineRow&) = default;
};

struct Baseline {
  std::vector<BaselineRow> rows;  // one a scenario

  const BaselineRow* find(std::string_view name) const;
  friend bool operator==(const Baseline&, const Baseline&) = default;
};

// Of the valid builds; a record without one has no row, nor has a matrix, nor one that is refused.
std::optional<BaselineRow> baseline_row(const ScenarioRecord& record);
// Why the durations that a record has are not to be taken for what its scenario takes.
std::optional<std::string> why_refused(const ScenarioRecord& record);
// Takes the row's place where the scenario has one.
void put(Baseline& baseline, BaselineRow row);

// Why times of the two cannot be compared: another declaration of subject or scenario, BuildKit, snapshotter,
// number of cores or base image, both values named. Empty where they can.
std::vector<std::string> bars(const BaselineRow& row, const ScenarioRecord& record);

// A record that has the row's builds with their times alone, for a comparison: the hits stand in the first.
ScenarioRecord as_record(const BaselineRow& row);

// Two-space indentation; one scenario after the other in the order of their names.
std::string baseline_to_text(const Baseline& baseline);
// Everything in the text may be hostile. Usage errors "NAME:LINE: …"; the line of a wrong field is that of
// its scenario.
Result<Baseline> parse_baseline(std::string_view text, std::string_view name);

}  // namespace buildlab::record
