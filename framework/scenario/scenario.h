// What a user declares: subjects, scenarios, mutations, gates' settings. Values only; no flag of BuildKit.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "framework/base/bytes.h"
#include "framework/fault/fault.h"
#include "framework/policy/policy.h"
#include "framework/variation/variation.h"

namespace buildlab::scenario {

enum class Kind { cold, warm, edit, reproducibility, ephemeral, matrix, replay };
enum class CacheMode { none, builder, local, registry, inlined, s3, azblob, gha };
// How RUN steps reach the network: as the builder does; through BuildKit's proxy, which lists what they
// fetch; or through that proxy and a server of the run's own, which times each request and can disturb it.
enum class Network { direct, proxy, observed };
inline bool uses_proxy(Network network) {
  return network != Network::direct;
}

// Whether the measured builds come one after another, each like the others, so that one more is like them.
bool has_like_builds(Kind kind);

std::string_view to_string(Kind kind);        // "cold", …
std::string_view to_string(CacheMode mode);   // "none", …, "inline" for inlined
std::string_view to_string(Network network);  // "direct", …

// Where a value stands in the scenario file, for messages.
struct SourceLine {
  std::string file;
  int line = 0;

  friend bool operator==(const SourceLine&, const SourceLine&) = default;
};

// A secret's value is read when the build starts and never kept, logged or recorded; only the id is.
struct Secret {
  std::string id;
  std::variant<std::filesystem::path, std::string> source;  // a file, or the name of an environment variable

  friend bool operator==(const Secret&, const Secret&) = default;
};

// What is built.
struct Subject {
  std::string name;
  std::filesystem::path context;     // absolute
  std::filesystem::path dockerfile;  // relative to the context
  std::optional<std::string> target;
  std::map<std::string, std::string> build_args;
  std::string platform;     // "linux/amd64"; the host's by default
  bool local_base = false;  // a locally made stand-in for debian:SUITE is allowed
  std::vector<Secret> secrets;
  std::optional<std::int64_t> source_date_epoch;  // seconds; else git's last commit of the context, else 0
  bool set_source_date_epoch = true;              // false: the build gets none
  bool rewrite_timestamp = true;
  SourceLine where;
  std::map<std::string, SourceLine> where_field;  // key in the file -> line; only keys that are there
};

// Changes of the private copy of the context. Paths are relative to the context and never leave it.
struct AppendText {
  std::filesystem::path path;
  std::optional<std::string> text;
};  // default: a unique comment
struct ReplaceText {
  std::filesystem::path path;
  std::string from;
  std::string to;
};  // must occur at least once
struct Touch {
  std::filesystem::path path;
};  // time only
struct Chmod {
  std::filesystem::path path;
  std::uint32_t mode = 0;
};
struct AddFile {
  std::filesystem::path path;
  std::optional<std::string> text;
};
struct Delete {
  std::filesystem::path path;
};
struct Rename {
  std::filesystem::path from;
  std::filesystem::path to;
};
struct ApplyPatch {
  std::filesystem::path patch;
};  // relative to the scenario file's folder; unified diff, -p1
struct SetBuildArg {
  std::string name;
  std::string value;
};
struct RunCommand {
  std::vector<std::string> argv;
};  // in the copy; never in the user's tree

using Mutation = std::variant<AppendText, ReplaceText, Touch, Chmod, AddFile, Delete, Rename, ApplyPatch,
                              SetBuildArg, RunCommand>;

// "append src/main.cpp", for reports.
std::string to_string(const Mutation& mutation);
std::string to_string(const std::vector<Mutation>& mutations);

struct DurationRatio {
  double limit = 0;
  std::string of;  // the other scenario's name
};

// Which differences the digest gate lets pass, each said in its message.
enum class DigestPolicy {
  manifest,  // the manifest digest must be the same (default)
  config,    // the config digest must be: differences in compression and layer order of blobs pass
  layers,    // the DiffIDs must be: differences in configuration (history, labels) pass
};

std::string_view to_string(DigestPolicy policy);  // "manifest", …

// Quartiles of fewer durations are made of two or three of them.
inline constexpr std::size_t k_least_runs_for_spread = 4;

// In a list of stages.
inline constexpr const char* k_all_stages = "*";

// Enough for a slow-down of a tenth to be seen again (docs/measured.md), and fewer where it is a larger one.
inline constexpr int k_confirmation_runs = 10;
// With fewer rounds no order of the further builds is rare enough, twice, to be told from chance.
inline constexpr int k_least_confirmations_of_ratio = 6;
inline constexpr int k_least_confirmations_of_limit = 8;

struct GateSettings {
  std::optional<DigestPolicy> digest_stable;  // on by default for reproducibility
  bool variations_stable = false;             // on by default where something is varied
  // Differences that make no image another one for these two gates.
  std::vector<policy::Policy> ignore_differences = {};
  std::optional<double> min_hit_ratio;
  std::optional<double> min_time_weighted_hit_ratio;
  bool stable_hit_ratio = false;  // the same steps are cached in all builds
  std::optional<double> max_duration_sec;
  std::optional<DurationRatio> max_duration_ratio;
  std::optional<double> max_spread;        // interquartile range of the durations over their median
  std::vector<std::string> expect_cached;  // a stage, a line number, or the start of a step's text
  std::vector<std::string> expect_ran;
  std::optional<Bytes> max_image_size;  // sum of the compressed layers and the config
  bool strict_baseline = false;
  // Before a duration gate is red, at most so many further builds of each arm have to say so too; 0: none.
  int confirmation_runs = k_confirmation_runs;
  // For these builds, wall time; nullopt: what is left of the test's time, all they need without one.
  std::optional<double> confirmation_budget_sec = {};
};

// A scenario that builds until the durations of its builds are known well enough. `runs` is the least.
struct AdaptiveRuns {
  int most = 0;                                // builds
  double until_interval = 0.1;                 // width of the median's 95 % interval over the median
  std::optional<double> time_budget_sec = {};  // for all builds

  friend bool operator==(const AdaptiveRuns&, const AdaptiveRuns&) = default;
};

// One of the caches that kind matrix compares: the fields of a scenario, and the runner that it is used on.
struct Backend {
  std::string name;  // unique in its scenario: "registry:zstd"
  CacheMode cache_mode = CacheMode::none;
  bool kept = false;  // on a builder that is kept from build to build, as it always is with builder
  std::optional<std::string> cache_ref = std::nullopt;
  std::string cache_export_mode = "max";
  std::map<std::string, std::string> cache_attributes = {};
  std::vector<fault::Fault> faults = {};  // with the private registry, as a scenario's

  friend bool operator==(const Backend&, const Backend&) = default;
};

struct Scenario {
  std::string name;
  std::string subject;
  Kind kind = Kind::cold;
  CacheMode cache_mode = CacheMode::none;
  Network network = Network::direct;
  std::vector<Mutation> input_mutation;
  int runs = 1;
  GateSettings gates;
  // cache_mode registry: where the cache goes; nullopt is a private registry on loopback.
  std::optional<std::string> cache_ref;
  std::string cache_export_mode = "max";        // "min" or "max"
  std::vector<variation::Variation> vary = {};  // of reproducibility only; sorted
  int max_builds = 24;                          // varied ones and those with nothing varied
  double timeout_sec = 3600;                    // of one build
  std::vector<std::string> labels;
  SourceLine where;
  std::vector<SourceLine> where_mutation;        // of each input_mutation
  std::map<std::string, SourceLine> where_gate;  // gate's field name -> line
  // What is done to the requests of the measured builds: to their external cache's (kind ephemeral with the
  // private registry), to those of RUN steps (network observed).
  std::vector<fault::Fault> faults = {};
  // What BuildKit's exporter and importer of the cache are told beside ref and mode, by its own names;
  // "NAME_env" is the environment variable that holds NAME, which is how credentials are given.
  std::map<std::string, std::string> cache_attributes = {};
  std::vector<Backend> backends = {};  // of kind matrix, in the file's order
  // Stages whose steps measured builds run though a cache holds them; k_all_stages for all.
  std::vector<std::string> no_cache = {};
  std::optional<AdaptiveRuns> adaptive = {};  // not of reproducibility
  std::string commits = {};                   // of kind replay: "30" for the last ones up to HEAD, or "A..B"
  // Its builders keep what cache keys were computed from, so that misses are told with it.
  bool cache_preimages = false;
};

struct ScenarioFile {
  std::filesystem::path path;  // absolute
  std::vector<Subject> subjects;
  std::vector<Scenario> scenarios;  // in the file's order

  const Subject* find_subject(std::string_view name) const;
  const Scenario* find_scenario(std::string_view name) const;
};

}  // namespace buildlab::scenario
