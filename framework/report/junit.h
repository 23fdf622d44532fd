// The cases of a JUnit file before they are written down. Private to this room.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "framework/record/record.h"
#include "framework/report/report.h"

namespace buildlab::report {

enum class Trouble { failure, error };

struct TestCase {
  std::string name;  // "build 2 (B)", "min_hit_ratio"
  std::string file;
  int line = 0;
  double time_sec = 0;
  std::optional<Trouble> trouble;
  std::string
      type;  // of the trouble: "gate", "not_evaluated", "build_failed", "infrastructure", "interrupted"
  std::string message;  // one line
  std::string details;  // the whole text for a person
  std::vector<std::pair<std::string, std::string>> properties;
  std::string output;
  std::vector<std::string> attachments;
};

// Names are unique within the scenario; a scenario that did not pass has at least one case in trouble.
std::vector<TestCase> test_cases(const record::ScenarioRecord& record, const std::string& runs_folder);

}  // namespace buildlab::report
