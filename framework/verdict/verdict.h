// What a gate says, and what a run comes to. Values only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"

namespace buildlab::verdict {

enum class Ruling { pass, fail, not_evaluated };
std::string_view to_string(Ruling ruling);  // "pass", "fail", "not_evaluated"
Result<Ruling> parse_ruling(std::string_view text);

struct Verdict {
  std::string gate;  // the settings' field: "min_hit_ratio"
  Ruling ruling = Ruling::not_evaluated;
  std::string message;                // one line: what was seen against what was asked
  std::vector<std::string> evidence;  // further lines: steps with Dockerfile lines, values, what to do
  std::optional<std::string> file;    // the Dockerfile (relative to the repository) and line that it is about
  std::optional<int> line;

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

// What a scenario or a whole run came to; decides the exit code.
enum class Outcome { passed, gate_failed, invalid, build_failed, not_evaluated, infrastructure, interrupted };

int exit_code(Outcome outcome);       // 0 1 2 3 4 99 130
Outcome worst(Outcome a, Outcome b);  // the first of 130, 99, 2, 3, 1, 4, 0
Outcome outcome_of(ErrorKind kind);
// "passed", "gate failed", "invalid", "build failed", "not evaluated", "infrastructure error", "interrupted"
std::string_view to_string(Outcome outcome);
Result<Outcome> parse_outcome(std::string_view text);

}  // namespace buildlab::verdict
