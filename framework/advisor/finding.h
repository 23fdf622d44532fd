// What a rule found, as values; the sentences are made in wording.cc. Private to this room.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "framework/dockerfile/dockerfile.h"
#include "framework/record/record.h"

namespace buildlab::advisor {

// An action that saves less than this in a build is not worth reading.
inline constexpr double k_worth_sec = 1.0;

// A step by its place; `text` is on one line and short.
struct Place {
  int line = 0;
  std::string text;
};

// An edit re-ran an install of dependencies, because a COPY of whole folders stands before it.
struct BroadCopyBeforeInstall {
  Place copy;
  Place install;
  std::string edit;                    // "append src/main.cpp"
  std::vector<std::string> manifests;  // what the installer reads; empty for system packages, which read none
  double step_sec = 0;
  double build_sec = 0;
};

// A fresh builder ran everything, and no scenario of the subject brings it a cache.
struct NoExternalCache {
  Place longest;
  double longest_sec = 0;
  double steps_sec = 0;
  double build_sec = 0;
};

struct MutableBase {
  std::string reference;
  std::optional<std::string> digest;  // what it was resolved to; nullopt for a base that was made locally
  std::optional<double> cold_sec;     // of the steps that a moved tag re-runs
};

struct LayerTimestamps {
  enum class Cause { rewrite_is_off, no_source_date_epoch };
  Cause cause = Cause::rewrite_is_off;
  std::vector<Place> steps;  // of the last stage, whose files are in the image's layers
  std::size_t builds = 0;    // valid builds of equal inputs
  std::size_t digests = 0;   // different images they gave
  double build_sec = 0;
};

struct ExportDominates {
  std::optional<Place> last_step;  // of the last stage
  double export_sec = 0;
  double build_sec = 0;
  std::optional<std::uint64_t> image_bytes;
};

// Builders with an external cache take longer than those without it.
struct CacheCostsMore {
  std::string cache_mode;  // of a matrix the backend's name
  bool kept = false;       // on a kept builder, which is without this cache otherwise
  double with_sec = 0;     // medians of whole builds
  double without_sec = 0;
  double loss_sec = 0;  // with - without, and its 95 % interval; of one build a side all three are equal
  double loss_low_sec = 0;
  double loss_high_sec = 0;
  std::size_t builds_with = 0;
  std::size_t builds_without = 0;
  // Where the median builds with the cache spend their time.
  double import_sec = 0;
  double hydration_sec = 0;
  double steps_sec = 0;
  double export_sec = 0;            // of the cache
  std::vector<std::string> faults;  // that were made meanwhile
};

// A cache saves time on one kind of runner, a fresh one or a kept builder, and costs time on the other.
struct HelpsOneRunner {
  struct Seconds {
    double median = 0;
    double low = 0;
    double high = 0;
  };
  std::string cache;  // the backend of the fresh runner
  bool helps_kept = false;
  bool own_cache = false;  // what helps the kept builder is its own cache, not that backend
  Seconds saved = {};
  Seconds lost = {};
};

using Evidence = std::variant<BroadCopyBeforeInstall, NoExternalCache, MutableBase, LayerTimestamps,
                              ExportDominates, CacheCostsMore, HelpsOneRunner>;

struct Finding {
  Evidence evidence;
  double seconds = 0;  // at stake in each build of that kind
  const record::ScenarioRecord* record = nullptr;
  std::optional<int> line;
  std::string about = {};  // which backend, where a record shows the same of several
};

// What the rules look at.
struct Facts {
  const std::vector<record::ScenarioRecord>& records;
  const std::string& dockerfile_text;
  const std::optional<dockerfile::Dockerfile>& file;  // nullopt when its text is absent or does not parse

  // The Dockerfile as it was when that record was made; nullptr when it is another one now.
  const dockerfile::Dockerfile* file_of(const record::ScenarioRecord& record) const;
};

// One function a rule, each in a file of its name.
std::vector<Finding> broad_copy_before_install(const Facts& facts);
std::vector<Finding> no_external_cache(const Facts& facts);
std::vector<Finding> mutable_base(const Facts& facts);
std::vector<Finding> layer_timestamps(const Facts& facts);
std::vector<Finding> export_dominates(const Facts& facts);
std::vector<Finding> cache_costs_more(const Facts& facts);
// Of matrices; both in matrix_findings.cc.
std::vector<Finding> backend_costs_more(const Facts& facts);
std::vector<Finding> helps_one_runner(const Facts& facts);

// The valid measured builds.
std::vector<const record::Build*> samples_of(const record::ScenarioRecord& record);
Place place_of(const metrics::Step& step);
// Steps of the stage that stands last in the record's builds: the one whose layers the image holds.
std::vector<Place> last_stage(const record::Build& build);

// One sentence with Dockerfile lines, seconds, what to do, and the record that it came from.
std::string to_sentence(const Finding& finding);

}  // namespace buildlab::advisor
