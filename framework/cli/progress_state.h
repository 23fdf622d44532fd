// What runs right now, read from progress streams as far as a person watching needs it. Values and pure
// functions; the metrics room decodes the same streams in full.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "framework/base/time.h"
#include "framework/dockerfile/dockerfile.h"

namespace buildlab::cli {

using TimePoint = SteadyClock::time_point;

// "[linux/amd64 build 2/4] RUN make" as BuildKit names a step.
struct StepName {
  std::string stage;  // without the platform; "" in a Dockerfile of one unnamed stage
  int number = 0;
  int total = 0;
  std::string text;  // "RUN make"
};
// nullopt for every other vertex ("[internal] …", "exporting to image").
std::optional<StepName> parse_step_name(std::string_view vertex_name);

// The Dockerfile that a build shows lines of; `path` is what people know it by.
struct SourceFile {
  std::string path;
  dockerfile::Dockerfile content;
};
// The first line of the step's instruction; nullopt where it cannot be told (ONBUILD steps shift the
// numbers).
std::optional<int> line_of(const StepName& step, const dockerfile::Dockerfile& file);

struct RunningVertex {
  std::string name;  // as shown: "Dockerfile:4 COPY src/ .", "exporting to oci image format"
  TimePoint since;
  bool internal = false;  // BuildKit's own preparations: shown only once they take long
};

struct LiveBuild {
  std::string scenario;
  std::string builder;  // "A", "B" for builds side by side, else ""
  std::string label;    // "priming", "build 2 of 5"
  TimePoint since;
  std::shared_ptr<const SourceFile> source;      // null where the Dockerfile could not be read
  std::map<std::string, RunningVertex> running;  // by vertex digest
  std::map<std::string, bool> ended;  // digests of steps that were told to have ended; true when cached
  std::set<std::string> with_inputs;  // digests of vertexes that read others
};

struct LiveState {
  std::vector<LiveBuild> builds;  // in the order of their start

  LiveBuild* find(std::string_view scenario, std::string_view builder);
};

// Takes one line of the build's progress stream in and returns what a log should say of it: a line for each
// step that ended ("hello.cold: step 3/4 Dockerfile:4 COPY src/ . done 0.1s"). Lines that are no JSON, or
// none of ours, change nothing.
std::vector<std::string> take_progress_line(LiveBuild& build, std::string_view line, TimePoint now);

struct Size {
  std::size_t width = 80;
  std::size_t height = 24;
};
// The lines of a terminal's live area: one for each build with its time, one below for each running step.
// None is wider than the terminal, and all together leave a row of it free.
std::vector<std::string> frame(const LiveState& state, TimePoint now, Size size);

// One line that names what is running: "still running: hello.cold 31s: Dockerfile:2 RUN apt-get … 30s"; ""
// when nothing is.
std::string heartbeat(const LiveState& state, TimePoint now);

}  // namespace buildlab::cli
