#include "framework/drift/layer_lines.h"

#include <algorithm>
#include <string>
#include <utility>

#include "framework/base/text.h"
#include "framework/drift/history.h"

namespace buildlab::drift {
namespace {

using dockerfile::Dockerfile;
using dockerfile::LineRange;

// The stages that make up the target, each FROM the one before it.
struct StageChain {
  std::vector<std::size_t> stages;  // empty: not known
  bool complete = false;            // the lowest is FROM something that is no stage
};

std::string platform_of(const Json& config) {
  std::string platform = text_member(config, "os") + "/" + text_member(config, "architecture");
  if (const std::string variant = text_member(config, "variant"); !variant.empty()) platform += "/" + variant;
  return platform;
}

std::optional<std::size_t> target_stage(const Dockerfile& file, const std::optional<std::string>& target) {
  if (!target) return file.stages.size() - 1;
  std::optional<std::size_t> found;
  for (const dockerfile::Stage& stage : file.stages) {
    if (stage.name == to_lower(*target)) found = stage.index;
  }
  return found;
}

StageChain chain_of_target(const Dockerfile& file, const metrics::ProvenanceRequest& request,
                           const std::string& platform) {
  const auto target = target_stage(file, request.target);
  if (!target) return {};
  // Without instructions a stage needs only what it is FROM.
  Dockerfile only_from{file.syntax, file.global_arguments, {}, file.escape};
  for (std::size_t i = 0; i <= *target; ++i) {
    only_from.stages.push_back(file.stages[i]);
    only_from.stages.back().instructions.clear();
  }
  const auto needed = dockerfile::needed_stages(only_from, request.target, request.build_args, platform);
  // A variable of a FROM has no value that is known.
  if (!needed) return {{*target}, false};
  StageChain chain{*needed, true};
  for (std::size_t i = chain.stages.size(); i-- > 0;) {
    const auto& name = file.stages[chain.stages[i]].name;
    if (!name || !request.contexts.contains(*name)) continue;
    const auto replaced = chain.stages.begin() + static_cast<std::ptrdiff_t>(i);
    chain.stages.erase(chain.stages.begin(), replaced + 1);
    chain.complete = false;
    break;
  }
  return chain;
}

// Those of a stage that have an entry in the history, in order.
std::vector<const dockerfile::Instruction*> told_instructions(const dockerfile::Stage& stage) {
  std::vector<const dockerfile::Instruction*> told;
  for (const auto* list : {&stage.triggers, &stage.instructions}) {
    for (const dockerfile::Instruction& instruction : *list) {
      if (instruction.keyword != "ONBUILD") told.push_back(&instruction);
    }
  }
  return told;
}

// Ties layers from the highest down.
class HistoryWalk {
 public:
  HistoryWalk(const std::vector<HistoryEntry>& entries, std::size_t layers)
      : m_entries(entries), m_at(entries.size()), m_left(layers), m_lines(layers) {}

  // Whether the history tells of all of the stage.
  bool down(const dockerfile::Stage& stage) {
    const auto instructions = told_instructions(stage);
    for (auto instruction = instructions.rbegin(); instruction != instructions.rend(); ++instruction) {
      if (m_at == 0 || !has_written(**instruction, m_entries[m_at - 1])) return false;
      if (m_entries[--m_at].has_layer) m_lines[--m_left] = (*instruction)->lines;
    }
    return true;
  }

  // All layers that are left: the base's, and what its ONBUILD had the stage do.
  void end_at(const dockerfile::Instruction& from) { std::fill_n(m_lines.begin(), m_left, from.lines); }

  std::size_t left() const { return m_left; }
  bool has_tied() const { return m_left != m_lines.size(); }
  std::vector<std::optional<LineRange>> take() && { return std::move(m_lines); }

 private:
  const std::vector<HistoryEntry>& m_entries;
  std::size_t m_at;
  std::size_t m_left;
  std::vector<std::optional<LineRange>> m_lines;
};

LayerLines lines_by_history(const metrics::Provenance& provenance, const Json& config, std::size_t layers) {
  LayerLines nothing{std::vector<std::optional<LineRange>>(layers), HistoryFit::none};
  const auto entries = read_history(config, layers);
  const auto file = dockerfile::parse_dockerfile(provenance.dockerfile_text, provenance.dockerfile_name);
  if (!entries || !file) return nothing;
  const StageChain chain = chain_of_target(*file, provenance.request, platform_of(config));

  HistoryWalk walk(*entries, layers);
  std::size_t told = 0;  // stages
  for (auto stage = chain.stages.rbegin(); stage != chain.stages.rend(); ++stage, ++told) {
    if (!walk.down(file->stages[*stage])) break;
  }
  if (!walk.has_tied()) return nothing;
  if (chain.complete && told == chain.stages.size()) {
    const dockerfile::Stage& lowest = file->stages[chain.stages.front()];
    if (lowest.base == "scratch" && walk.left() != 0) return nothing;  // it cannot have layers
    walk.end_at(lowest.from);
  }
  return {std::move(walk).take(), told == 0 ? HistoryFit::end : HistoryFit::whole};
}

// All places of the instructions that share the step which wrote the layer.
const std::vector<LineRange>& places_of(const metrics::Provenance& provenance, std::size_t layer) {
  static const std::vector<LineRange> k_none;
  const auto step = provenance.steps.find(provenance.step_of_layer[layer]);
  return step == provenance.steps.end() ? k_none : step->second.lines;
}

bool is_one_of(const std::vector<LineRange>& places, const LineRange& lines) {
  return std::find(places.begin(), places.end(), lines) != places.end();
}

}  // namespace

LayerLines lines_of_layers(const metrics::Provenance& provenance, const Json& config, std::size_t layers) {
  LayerLines result = lines_by_history(provenance, config, layers);
  if (provenance.step_of_layer.size() != layers) return result;
  for (std::size_t i = 0; i < layers; ++i) {
    const std::vector<LineRange>& places = places_of(provenance, i);
    if (places.empty() || !result.lines[i] || is_one_of(places, *result.lines[i])) continue;
    return {metrics::lines_of_layers(provenance, layers), HistoryFit::none};
  }
  const auto known = metrics::lines_of_layers(provenance, layers);
  for (std::size_t i = 0; i < layers; ++i) {
    if (!result.lines[i]) result.lines[i] = known[i];
  }
  return result;
}

}  // namespace buildlab::drift
