// The steps of a target and what stands on what: which steps an edit re-runs. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "framework/dockerfile/dockerfile.h"
#include "framework/dockerfile/inputs.h"
#include "framework/metrics/numbers.h"

namespace buildlab::invalidation {

struct StepNode {
  std::string stage;  // its name, or stage-N
  int line = 0;
  std::string text;                    // on one line, at most 200 bytes, as records have it
  std::string definition = {};         // all of it that the Dockerfile says (StepInputs)
  std::string base = {};               // the image, of the first step of a stage that starts from one
  std::optional<double> seconds = {};  // of a build from nothing; nullopt where none is known
  std::vector<dockerfile::ContextRead> reads = {};
  std::vector<std::size_t> parents = {};          // that it stands on: it runs again when they do
  std::vector<std::size_t> content_parents = {};  // of which it reads files: when these become others
  std::string keyword = {};                       // upper case, whatever the text has
  std::vector<std::string> images = {};           // from outside, whose files it reads
  std::vector<std::string> urls = {};             // that ADD fetches, without credentials
  bool checksum = false;                          // the Dockerfile says what those hold
};

// In Dockerfile order, so that parents come before what stands on them.
using StepGraph = std::vector<StepNode>;

// `cold` are the steps of a build from nothing, paired by stage and text, then lines; empty where there is
// none.
StepGraph make_graph(const dockerfile::Dockerfile& file, const std::vector<dockerfile::StageInputs>& inputs,
                     const std::vector<metrics::Step>& cold);

enum class Reach {
  certain,
  // Only by way of files copied from another stage: when these come out the same, BuildKit stops there.
  at_most,
};

struct Affected {
  std::size_t step = 0;
  Reach reach = Reach::certain;

  friend bool operator==(const Affected&, const Affected&) = default;
};

// The steps that read the path, and all that stand on them, ascending.
std::vector<std::size_t> readers_of(const StepGraph& graph, std::string_view path);
std::vector<Affected> affected_by(const StepGraph& graph, const std::vector<std::size_t>& readers);

// Sum of their seconds, and the longest chain among them; nullopt when no step has any.
std::optional<double> own_seconds(const StepGraph& graph, const std::vector<Affected>& affected);
std::optional<double> chain_seconds(const StepGraph& graph, const std::vector<Affected>& affected);

}  // namespace buildlab::invalidation
