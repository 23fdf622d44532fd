// Recommendations with evidence from records. Never fails a run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/record/record.h"

namespace buildlab::advisor {

struct Advice {
  std::string rule;    // "broad-copy-before-install"
  std::string text;    // one sentence with Dockerfile lines and seconds, and what to do
  double seconds = 0;  // what the evidence says is at stake per build; orders the list
  std::string run_id;  // the record that it came from
  std::string scenario;
  std::optional<std::string> file;
  std::optional<int> line;
  std::string about = {};  // which backend of a matrix
};

// `records`: the newest complete record of each scenario of one subject. The newest one's Dockerfile is
// looked at, and only with records of that very text (its lines would not be theirs otherwise). Ordered by
// seconds, the most first, then by rule and line; the same input gives the same list.
std::vector<Advice> advise(const std::vector<record::ScenarioRecord>& records);

}  // namespace buildlab::advisor
