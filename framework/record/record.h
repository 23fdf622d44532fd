// The record of a scenario's run: everything that gates, reports, comparisons and advice read. Values only;
// its JSON (record_json.h, docs/schema/record.schema.json) has a version of its own.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/digest.h"
#include "framework/base/result.h"
#include "framework/metrics/numbers.h"
#include "framework/record/drift.h"
#include "framework/record/run_length.h"
#include "framework/record/transfer.h"
#include "framework/replay/row.h"
#include "framework/variation/plan.h"
#include "framework/verdict/verdict.h"

namespace buildlab::record {

inline constexpr int k_schema_version = 1;
inline constexpr std::size_t k_max_drifts = 3;

// A base image as it was resolved for the run.
struct Base {
  std::string reference;
  std::string digest;
  bool made_locally = false;
  bool trusts_host_authorities = false;

  friend bool operator==(const Base&, const Base&) = default;
};

struct Circumstances {
  std::string tool_version;
  std::string buildkit_version;
  std::string buildkit_origin;  // "pinned copy"
  std::string runc_version;
  std::string snapshotter;
  std::string decompressor;  // "igzip", "unpigz" or "built-in"
  int cores = 0;
  std::string kernel;
  double load_1min = 0;
  std::uint64_t memory_bytes = 0;
  std::vector<Base> bases;
  std::string dockerfile_digest;
  std::string context_digest;
  std::vector<std::string> context_left_out;
  std::optional<std::int64_t> source_date_epoch;
  bool rewrite_timestamp = true;
  bool proxy_network = false;  // RUN steps had the network through BuildKit's proxy

  friend bool operator==(const Circumstances&, const Circumstances&) = default;
};

struct LayerRow {
  std::string digest;
  std::string diff_id;
  std::uint64_t size_bytes = 0;
  std::optional<dockerfile::LineRange> lines =
      {};  // of the instruction that wrote it, its FROM for the base's
  std::string media_type = {};

  friend bool operator==(const LayerRow&, const LayerRow&) = default;
};

struct ImageRow {
  std::string digest;  // platform manifest
  std::string config_digest;
  std::uint64_t size_bytes = 0;
  std::vector<LayerRow> layers;
  // The first image of the scenario that differs from it in nothing but what the policies pass over; nullopt
  // where there is none, or where its digest is the same.
  std::optional<std::string> same_as = std::nullopt;
  std::vector<PassedOver> passed_over = {};  // between the two

  friend bool operator==(const ImageRow&, const ImageRow&) = default;
};

// Where our own time around a build went, in seconds. Judging and saving are not in it: they come after the
// last build, and a record cannot hold the time of its own writing.
struct Overhead {
  double context_sec = 0;     // copying, digesting and mutating the context
  double client_sec = 0;      // around the client process: spawn, streams, files
  double provenance_sec = 0;  // this build's share of reading provenance
  double analysis_sec = 0;    // decoding, image reading

  friend bool operator==(const Overhead&, const Overhead&) = default;
};

struct Build {
  int iteration = 0;        // 1-based within its scenario and role, and of kind matrix within its backend
  std::string builder;      // "A", "B" for builds side by side, the backend of kind matrix, else ""
  std::string cache_state;  // declared: "empty", "primed", "imported"
  std::string mutation;     // "append src/main.cpp", "" without
  std::string started;      // RFC 3339
  double duration_sec = 0;
  metrics::Numbers numbers;
  std::optional<double> time_weighted_hit_ratio;
  std::optional<ImageRow> image;
  bool valid = false;
  std::optional<std::string> invalid_reason;
  std::optional<std::string> failure;        // the build failed: one line with the Dockerfile line
  std::vector<std::string> failure_details;  // log tail, source excerpt
  Overhead overhead;
  std::string artifacts;  // folder relative to the run's folder; "" once they were removed
  // What went between builder and cache registry; nullopt where no proxy stood between them.
  std::optional<Transfer> transfer = std::nullopt;
  std::optional<double> builder_start_sec = std::nullopt;  // of its own builder, before duration_sec
  // Why its duration says little of the Dockerfile: trouble of the network that steps fetched from.
  std::optional<std::string> noisy_network = std::nullopt;
  // By how much the machine's clock was put forward during the build; back is below 0. nullopt where it ran
  // evenly.
  std::optional<double> clock_step_sec = std::nullopt;
  // What ADD was given from outside: URL, without credentials -> "sha256:…". Empty where provenance tells
  // none.
  std::map<std::string, std::string> sources = {};
  // What was asked through the run's own server by no step that is known; nullopt where that is nothing.
  std::optional<metrics::Fetches> other_fetches = std::nullopt;

  friend bool operator==(const Build&, const Build&) = default;
};

// What the builds say of one variation.
struct VariationRow {
  std::string name;  // "hostname", "clock=+35d"
  variation::Outcome outcome = variation::Outcome::unknown;
  std::string reason = {};  // "" for a plain pass
  int builds = 0;           // in which it was varied
  std::string digest = {};  // of the image that shows the outcome; "" where none does
  // Of one that changes the image: the first plain build's image against the one that shows it, build_b being
  // the number of that varied build.
  std::optional<Drift> drift = std::nullopt;

  friend bool operator==(const VariationRow&, const VariationRow&) = default;
};

// A build in varied surroundings. It is no sample of anything but its digest.
struct VariedBuild {
  std::vector<std::string> varied;
  std::string started;  // RFC 3339
  double duration_sec = 0;
  std::string digest;                 // "" when it failed
  std::vector<std::string> canaries;  // variations whose canary stands in the image
  std::optional<std::string> failure;
  std::string artifacts;  // folder relative to the run's folder; "" once they were removed

  friend bool operator==(const VariedBuild&, const VariedBuild&) = default;
};

// "hostname, umask", "environment, hostname, clock=+1d and 15 more".
std::string varied_words(const VariedBuild& build);

// The declaration that a record belongs to: two records have the same subject when these are equal.
struct SubjectKey {
  std::string name;
  std::string context;  // relative to the scenario file's folder where it lies below it
  std::string dockerfile;
  std::string target;
  std::map<std::string, std::string> build_args;
  std::string platform;

  // All but the name.
  bool same_declaration(const SubjectKey& other) const;
  friend bool operator==(const SubjectKey&, const SubjectKey&) = default;
};

// One of the caches that a matrix compared.
struct BackendRow {
  std::string name;
  std::string cache_mode;
  bool kept = false;                   // on a kept builder
  std::string cache_export_mode = {};  // "" where it exports nothing
  std::map<std::string, std::string> cache_attributes = {};
  std::vector<std::string> faults = {};  // that its measured builds met: "pull bandwidth bytes_per_sec=65536"

  friend bool operator==(const BackendRow&, const BackendRow&) = default;
};

struct ScenarioRecord {
  int schema_version = k_schema_version;
  std::string run_id;  // "2026-11-23T20-02-11Z-7f3a"
  std::string name;
  std::string kind;
  std::string cache_mode;
  std::string input_mutation;  // "" without
  SubjectKey subject;
  std::string scenario_file;  // relative to the repository where it lies in one
  int scenario_line = 0;
  std::string dockerfile_path;  // relative to the repository (or the scenario file's folder), for file:line
  std::string dockerfile_text;  // as it was built, credentials in URLs left out
  std::string started;          // RFC 3339
  std::string finished;
  Circumstances circumstances;
  std::vector<Build> priming;
  std::vector<std::string> priming_notes;  // why it was primed, which steps a change re-ran
  std::vector<Build> builds;
  std::vector<Drift> drift;              // of the first digest against each other one, at most k_max_drifts
  std::vector<VariationRow> variations;  // empty where nothing was asked to be varied
  std::vector<VariedBuild> varied_builds;
  std::vector<verdict::Verdict> gates;
  verdict::Outcome outcome = verdict::Outcome::not_evaluated;
  std::optional<std::string> error;  // what stopped the scenario: infrastructure, interrupt, failed build
  std::vector<std::string> error_details;
  std::vector<std::string> notes;  // base tag moved, left-out folders, swept leftovers
  // What was done to the requests of the measured builds: "pull cut after_bytes=65536".
  std::vector<std::string> faults = {};
  // Of the external cache, by BuildKit's names; without credentials.
  std::map<std::string, std::string> cache_attributes = {};
  std::vector<BackendRow> backends = {};     // of kind matrix, as they were declared
  std::optional<RunLength> run_length = {};  // nullopt where the number of builds is given
  std::vector<Confirmation> confirmations = {};
  std::vector<MovedBase> moved_bases = {};
  std::optional<replay::Walk> replay =
      std::nullopt;  // of kind replay; `builds` has those of its rows that built
  // Builds with an undisturbed cache, whose images those of disturbed ones are compared with. No samples, and
  // numbered in the order in which they were made.
  std::vector<Build> references = {};
  // What else of the declaration changes what is measured, by the scenario file's keys, in words and without
  // credentials; nullopt in records of before it was kept.
  std::optional<std::map<std::string, std::string>> declaration = std::nullopt;

  friend bool operator==(const ScenarioRecord&, const ScenarioRecord&) = default;
};

// Durations of the builds that are samples; without those with a noisy network where others are left.
std::vector<double> sample_durations(const ScenarioRecord& record);

// Where all samples had a noisy network, so that their durations say little: what the first of them met.
std::optional<std::string> only_noisy(const ScenarioRecord& record);

// Whether the scenario came to its end, with whatever result: neither interrupted nor stopped by its
// surroundings.
bool is_complete(const ScenarioRecord& record);
bool is_complete(verdict::Outcome outcome);

// Laws of a whole record: those of every build, sizes of layers against the image, iterations without gaps, a
// valid build has no invalid_reason. Returns the broken ones, in words.
std::vector<std::string> broken_laws(const ScenarioRecord& record);

}  // namespace buildlab::record
