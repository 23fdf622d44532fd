// The numbers of one build, exactly as docs/numbers.md defines them. Values only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/dockerfile/dockerfile.h"
#include "framework/metrics/miss.h"

namespace buildlab::metrics {

enum class StepOutcome { hit, ran, failed, not_run, not_in_graph };
enum class HitSource { local, remote_hydrated, remote_lazy, inferred, unknown };

std::string_view to_string(StepOutcome outcome);  // "hit", "ran", "failed", "not-run", "not-in-graph"
std::string_view to_string(HitSource source);     // "local", "remote-hydrated", …
Result<StepOutcome> parse_step_outcome(std::string_view text);
Result<HitSource> parse_hit_source(std::string_view text);

// What a RUN step asked of the network, as BuildKit's proxy lists it. Where a server of the run's own stood
// behind that proxy, also what it measured, and what an ADD asked.
struct Fetches {
  int requests = 0;
  int failed = 0;                                           // no answer, one that was cut, 408, 429 and 5xx
  int retries = 0;                                          // asked again after a failure
  std::optional<double> seconds = std::nullopt;             // while at least one was under way
  std::optional<double> slowest_answer_sec = std::nullopt;  // from a request to its answer's head
  // Connections that the run's own server could not serve; known of a build, not of a step.
  int turned_away = 0;

  friend bool operator==(const Fetches&, const Fetches&) = default;
};

// One RUN, COPY, ADD or WORKDIR of the target, in Dockerfile order.
struct Step {
  std::string stage;  // its name, or stage-N
  dockerfile::LineRange lines;
  std::string text;  // the instruction on one line, at most 200 bytes
  StepOutcome outcome = StepOutcome::not_in_graph;
  std::optional<HitSource> source;          // of a hit
  std::optional<double> seconds;            // executing; null when it did not run
  std::optional<double> hydration_seconds;  // download and extraction that a hit cost
  std::optional<double> started_sec;        // after the build's start
  std::optional<std::string> error;
  std::vector<std::string> log_tail;  // last lines of its output, kept for failed steps only
  // Of one that ran; nullopt where nothing tells why.
  std::optional<Miss> miss = std::nullopt;
  // Of one whose asking the network was seen; nullopt where it did not ask, or nobody saw it.
  std::optional<Fetches> fetches = std::nullopt;

  friend bool operator==(const Step&, const Step&) = default;
};

// A partition of the client's wall time: each instant belongs to the first active part in this order.
struct Parts {
  double steps_sec = 0;
  double hydration_sec = 0;
  double base_pull_sec = 0;
  double context_sec = 0;
  double cache_import_sec = 0;
  double cache_export_sec = 0;
  double export_sec = 0;
  double idle_sec = 0;

  double sum() const {
    return steps_sec + hydration_sec + base_pull_sec + context_sec + cache_import_sec + cache_export_sec +
           export_sec + idle_sec;
  }
  friend bool operator==(const Parts&, const Parts&) = default;
};

// One link of the longest chain of work: vertexes weighted by their active time, along BuildKit's inputs;
// sources wait for the definition, metadata or import that ended last before them, exports for all last
// steps. No instant counts twice, so that the whole is never longer than the build.
struct CriticalStep {
  std::string name;  // "Dockerfile:5 RUN npm ci" or "exporting to oci image format"
  double seconds = 0;

  friend bool operator==(const CriticalStep&, const CriticalStep&) = default;
};

struct CacheImport {
  std::string name;  // "importing cache manifest from …"
  std::optional<std::string> error;

  friend bool operator==(const CacheImport&, const CacheImport&) = default;
};

struct Numbers {
  Parts parts;
  std::vector<Step> steps;
  int hits = 0;
  int ran = 0;
  int failed = 0;
  int not_run = 0;
  int not_in_graph = 0;
  std::optional<double> cache_hit_ratio;  // hits / (hits + ran); null for 0/0
  double steps_seconds_sum = 0;           // steps run side by side are both in it
  std::vector<CriticalStep> critical_path;
  double critical_path_sec = 0;
  std::vector<CacheImport> cache_imports;
  std::optional<std::string> cache_export_error;
  std::vector<std::string> warnings;  // BuildKit's own
  std::optional<std::string> error;   // of the build: the first vertex that failed for a reason of its own

  friend bool operator==(const Numbers&, const Numbers&) = default;
};

// Laws that hold for every build: parts >= 0 and sum to the duration within 5 ms; outcomes counted = steps;
// every ratio in [0, 1]. Returns the laws that are broken, in words; empty when all hold.
std::vector<std::string> broken_laws(const Numbers& numbers, double duration_sec);

// Share of the cold seconds of these steps that were avoided (docs/numbers.md); steps are paired by stage and
// text, then lines. nullopt without a second of cold work.
std::optional<double> time_weighted_hit_ratio(const std::vector<Step>& steps,
                                              const std::vector<Step>& cold_steps);

}  // namespace buildlab::metrics
