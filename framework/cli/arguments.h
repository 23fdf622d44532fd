// argv -> one value that says what to do. Nothing is read or started here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "framework/metrics/decision.h"
#include "framework/scenario/scenario.h"

namespace buildlab::cli {

// Every command has these.
struct Common {
  std::optional<std::filesystem::path> file;   // --file
  std::optional<std::filesystem::path> store;  // --store
  bool json = false;                           // --json
  bool no_color = false;                       // --no-color
};

struct Run {
  Common common;
  bool all = false;
  std::vector<std::string> scenarios;
  bool refresh = false;
};

struct List {
  Common common;
};

enum class Format { text, markdown, json, junit };
struct Report {
  Common common;
  Format format = Format::text;
  std::optional<std::string> subject;
};

struct Compare {
  Common common;
  std::optional<int> last;
  std::vector<std::string> records;               // two: RUN or RUN/SCENARIO
  std::vector<std::string> fail_on;               // "slower", "digest", "hits"
  std::optional<std::filesystem::path> baseline;  // instead of the records
  double pace = metrics::k_pace;                  // quotient of two runs that a machine alone may make
};

struct MakeBaseline {
  Common common;
  std::filesystem::path output;
};

enum class DiffFormat { text, markdown, json, html };
struct Diff {
  Common common;
  std::string a;  // OCI archive or layout, archive of docker save, or reference in a registry
  std::string b;
  DiffFormat format = DiffFormat::text;
  bool all = false;  // list every path
  bool tolerate_representation = false;
  std::vector<std::string> policies;              // as policy::parse_policy reads them
  std::vector<std::filesystem::path> provenance;  // none, or A's and B's
  std::optional<std::string> platform;
  std::optional<std::int64_t> source_date_epoch;
};

struct Doctor {
  Common common;
};

struct Init {
  Common common;
  std::filesystem::path folder = ".";
  bool force = false;
};

struct Clean {
  Common common;
  bool all = false;
  bool cache = false;
  std::optional<int> older_than_days;
};

struct VerdictCheck {
  Common common;
  std::vector<std::filesystem::path> files;
  std::vector<std::filesystem::path> keys;  // public
  std::optional<std::string> subject;       // a digest, or the path of an image
  bool accept_unsigned = false;
  bool lenient = false;
  bool require_pass = false;
};

struct VerdictMake {
  Common common;
  std::optional<std::string> scenario;
  std::vector<std::filesystem::path> keys;  // private
  std::optional<std::filesystem::path> output;
};

struct VerdictMerge {
  Common common;
  std::vector<std::filesystem::path> files;
  std::vector<std::filesystem::path> keys;       // public
  std::vector<std::filesystem::path> sign_keys;  // private, for the merged statement
  bool accept_unsigned = false;
  bool lenient = false;
  std::optional<int> quorum;
  std::optional<std::filesystem::path> output;
};

struct Replay {
  Common common;
  std::optional<std::string> subject;
  std::optional<int> commits;        // the last N
  std::optional<std::string> range;  // else A..B
  bool refresh = false;
  scenario::CacheMode cache_mode = scenario::CacheMode::builder;  // or local, registry
  Format format = Format::text;                                   // text, markdown or json
};

enum class MapFormat { text, json, svg };
struct Map {
  Common common;
  std::optional<std::string> subject;
  int probes = 0;
  MapFormat format = MapFormat::text;
};

// Text to print and the exit code: --help, --version, or a usage error.
struct Say {
  std::string text;
  int exit_code = 0;
};

using Invocation = std::variant<Run, List, Report, Compare, Diff, Doctor, Init, Clean, VerdictCheck,
                                VerdictMake, VerdictMerge, Replay, Map, MakeBaseline, Say>;

Invocation parse_arguments(int argc, const char* const* argv);

}  // namespace buildlab::cli
