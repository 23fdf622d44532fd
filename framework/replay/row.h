// What a replay found: one row a commit. Values, and their JSON.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/json.h"
#include "framework/base/result.h"

namespace buildlab::replay {

enum class Outcome {
  built,
  failed,         // the build failed, or could not be asked for
  no_dockerfile,  // the commit has none at the subject's path, or no context at all
  refused,        // the commit's tree is none that may be written to disk
};

std::string_view to_string(Outcome outcome);  // "built", "failed", "no-dockerfile", "refused"
Result<Outcome> parse_outcome(std::string_view text);

struct RanStep {
  std::string stage;
  int line = 0;  // of the commit's own Dockerfile
  std::string text;
  double seconds = 0;
  std::optional<std::string> reason = {};  // why it missed, where that is known
  std::optional<std::string> detail = {};

  friend bool operator==(const RanStep&, const RanStep&) = default;
};

struct Row {
  int number = 0;  // 0: the commit before the first, which primes the builder
  std::string commit;
  std::string subject;    // the message's first line
  std::string committed;  // RFC 3339
  Outcome outcome = Outcome::built;
  std::optional<std::string> problem = {};  // of any other outcome, in one sentence
  // The first build of a builder that held nothing: it says nothing of what the commit cost.
  bool primes = false;
  std::vector<std::string> changed = {};  // against the first parent; the first k_kept_paths
  std::size_t changed_count = 0;
  std::map<std::string, std::size_t> classes = {};  // of all changed paths, with their number
  // Seconds of the steps that ran, by the class of paths that they go back to; steps that go back to several
  // are divided among them in equal parts.
  std::map<std::string, double> blame = {};
  int hits = 0;
  std::vector<RanStep> ran = {};
  std::optional<double> duration_sec = {};
  std::optional<double> critical_path_sec = {};
  std::optional<std::string> digest = {};
  std::optional<std::string> invalid_reason = {};  // the build was no sample
  std::vector<std::string> bases = {};             // "debian:bookworm-slim@sha256:…"
  std::vector<std::string> notes = {};

  // Whether it says what a commit costs.
  bool counts() const { return outcome == Outcome::built && !primes && !invalid_reason && duration_sec; }
  friend bool operator==(const Row&, const Row&) = default;
};

inline constexpr std::size_t k_kept_paths = 100;

Json to_json(const Row& row);
// Errors name the field.
Result<Row> row_from_json(const Json& json);

// A walk through history: what was asked for, and what there is of it so far.
struct Walk {
  std::string subject;
  std::string dockerfile;  // for file:line
  std::string range;       // as it was asked for: "main~30..main", "the last 30 commits"
  std::size_t planned = 0;
  std::vector<Row> rows = {};
  std::string buildkit_version = {};
  std::string tool_version = {};
  int cores = 0;
  std::vector<std::string> notes = {};

  friend bool operator==(const Walk&, const Walk&) = default;
};

}  // namespace buildlab::replay
