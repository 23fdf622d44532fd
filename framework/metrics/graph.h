// The rawjson progress stream folded into a graph of vertexes with intervals. Memory grows with the number of
// vertexes, never with the stream's length.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/base/time.h"
#include "framework/metrics/proxy_log.h"

namespace buildlab::metrics {

// One stretch of a vertex's activity, keyed by its start; its last event says how it ended.
struct Interval {
  WallTime started;
  std::optional<WallTime> completed;
  bool cached = false;
  bool has_inputs = false;  // executed intervals carry inputs; hydration does not
  std::string error;
};

struct Transfer {
  std::string id;  // "sha256:…", "extracting sha256:…", "transferring context:"
  std::int64_t current = 0;
  std::int64_t total = 0;
  WallTime first;
  WallTime last;
  bool completed = false;
};

struct Vertex {
  std::string digest;
  std::string name;
  std::vector<std::string> inputs;
  std::vector<Interval> intervals;  // by start
  std::vector<Transfer> transfers;
  std::vector<std::string> log_tail;  // last 40 lines, at most 500 bytes each
  std::vector<std::string> fetched;   // URLs, with the proxy network (proxy_log.h)
  std::vector<LoggedRequest> requests;
  std::string error;  // of an event that names no time; others stand in their interval
};

struct BuildGraph {
  std::vector<Vertex> vertexes;  // in order of first appearance
  std::vector<std::string> warnings;
  std::vector<std::string> plain_lines;  // lines that are not JSON (buildctl's own), at most 200
  std::uint64_t lines = 0;
  bool truncated = false;  // the last line had no end
};

// Fed in pieces of any size. A JSON line that does not parse makes the decoder remember the first error (line
// number, cause) and go on; finish() returns it. So does a known field of a wrong type, a line above 64 MiB,
// and more than 4096 intervals or transfers of one vertex. Half a JSON line at the end is `truncated`, no
// error.
class ProgressDecoder {
 public:
  ProgressDecoder();
  ~ProgressDecoder();
  ProgressDecoder(ProgressDecoder&&) noexcept;

  void feed(std::string_view bytes);
  Result<BuildGraph> finish();

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace buildlab::metrics
