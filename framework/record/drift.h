// Why two builds of one scenario gave different images, as the record keeps it: the comparison of image files
// is made while they are there, gates and reports read this. Values only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "framework/dockerfile/dockerfile.h"

namespace buildlab::record {

// What one of the scenario's policies passed over.
struct PassedOver {
  std::string policy;  // "path=var/log/*,attribute=mtime"
  std::string reason;
  std::size_t differences = 0;

  friend bool operator==(const PassedOver&, const PassedOver&) = default;
};

// Differences of one cause.
struct DriftCause {
  std::string place;                         // the first path, or "configuration", "layer 3"
  std::size_t more = 0;                      // further places of the same cause
  std::vector<std::string> attributes = {};  // "content", "config.Env"
  std::string kind = {};                     // class: "TIME"; "" when unknown
  std::string name = {};                     // "" when unknown
  std::string row = {};                      // of docs/drift-causes.md
  bool proven = false;
  std::vector<std::string> evidence = {};
  std::string fix = {};
  std::string root = {};                            // path that it follows from; ""
  std::string input = {};                           // moved input (`what`) that it follows from; ""
  std::size_t layer = 0;                            // 1 is the lowest; 0 for what belongs to none
  std::optional<dockerfile::LineRange> lines = {};  // of the instruction that wrote it

  friend bool operator==(const DriftCause&, const DriftCause&) = default;
};

// Whether an instruction drifts by itself: equal inputs and different results. Otherwise its inputs differed
// already.
enum class Origin { root, inherited, unknown };
std::string_view to_string(Origin origin);  // "root"
std::optional<Origin> parse_origin(std::string_view text);

struct DriftingStep {
  dockerfile::LineRange lines;
  std::string text;
  Origin origin = Origin::unknown;
  std::string why;  // "its inputs were equal", "built again on equal inputs, it gave the same"

  friend bool operator==(const DriftingStep&, const DriftingStep&) = default;
};

// What a build was given from outside.
struct FetchedInput {
  std::string url;     // without credentials
  std::string digest;  // ""

  friend bool operator==(const FetchedInput&, const FetchedInput&) = default;
};

// An input from outside of which the two builds were given different content: a root cause of class VERS.
struct MovedInput {
  std::string what;       // "left-pad 1.3.0 → 1.3.1"
  std::string headline;   // the same with class, ecosystem and the steps that read it
  std::string ecosystem;  // "npm"; "" where the URL is of no package that is known
  std::string package;    // "left-pad"
  bool index = false;     // a list of packages, which moves with them
  std::string version_a;
  std::string version_b;
  std::vector<FetchedInput> a;  // at most k_max_input_urls each
  std::vector<FetchedInput> b;
  std::size_t urls_left_out = 0;
  std::vector<dockerfile::LineRange> lines;  // of the instructions that fetched it, as far as known
  std::string fix;

  friend bool operator==(const MovedInput&, const MovedInput&) = default;
};

struct Drift {
  int build_a = 0;  // iterations
  int build_b = 0;
  std::string verdict = {};  // "representation", "different"
  std::size_t differences = 0;
  std::size_t places = 0;
  std::size_t with_cause = 0;
  std::size_t proven = 0;
  std::vector<DriftCause> causes = {};  // worst first, at most k_max_drift_causes
  std::size_t causes_left_out = 0;
  std::vector<DriftingStep> steps = {};
  std::vector<MovedInput> moved_inputs = {};  // packages first, at most k_max_moved_inputs
  std::size_t moved_inputs_left_out = 0;
  std::vector<PassedOver> passed_over = {};  // is in none of the above

  friend bool operator==(const Drift&, const Drift&) = default;
};
inline constexpr std::size_t k_max_drift_causes = 100;
inline constexpr std::size_t k_max_moved_inputs = 200;
inline constexpr std::size_t k_max_input_urls = 8;

}  // namespace buildlab::record
