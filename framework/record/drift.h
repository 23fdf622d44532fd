// Why two builds of one scenario gave different images, as the record keeps it: the comparison of image files
// is made while they are there, gates and reports read this. Values only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "framework/dockerfile/dockerfile.h"

namespace buildlab::record {

// Differences of one cause.
struct DriftCause {
  std::string place;                         // the first path, or "configuration", "layer 3"
  std::size_t more = 0;                      // further differences of the same cause
  std::vector<std::string> attributes = {};  // "content", "config.Env"
  std::string kind = {};                     // class: "TIME"; "" when unknown
  std::string name = {};                     // "" when unknown
  std::string row = {};                      // of docs/drift-causes.md
  bool proven = false;
  std::vector<std::string> evidence = {};
  std::string fix = {};
  std::string root = {};                            // path that it follows from; ""
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
  // What both builds fetched under one name with different content.
  std::vector<std::string> moved_inputs = {};

  friend bool operator==(const Drift&, const Drift&) = default;
};
inline constexpr std::size_t k_max_drift_causes = 100;

}  // namespace buildlab::record
