#include "framework/drift/blame.h"

#include <fmt/format.h>
#include <map>
#include <memory>
#include <set>

namespace buildlab::drift {
namespace {

struct Writers {
  std::string file;
  std::vector<std::optional<dockerfile::LineRange>> lines;
  std::map<dockerfile::LineRange, std::string> texts;
};

Writers writers_of(const metrics::Provenance& provenance, std::size_t layers,
                   const std::optional<std::string>& dockerfile) {
  Writers writers;
  writers.file = dockerfile.value_or(provenance.dockerfile_name);
  writers.lines = metrics::lines_of_layers(provenance, layers);
  const auto parsed = dockerfile::parse_dockerfile(provenance.dockerfile_text, writers.file);
  if (!parsed) return writers;
  for (const dockerfile::Stage& stage : parsed->stages) {
    writers.texts.emplace(stage.from.lines, stage.from.text);
    for (const dockerfile::Instruction& instruction : stage.instructions) {
      writers.texts.emplace(instruction.lines, instruction.text);
    }
  }
  return writers;
}

std::optional<StepRef> step_of(const Writers& writers, std::size_t layer) {
  if (layer >= writers.lines.size() || !writers.lines[layer]) return std::nullopt;
  StepRef step{writers.file, *writers.lines[layer]};
  if (const auto text = writers.texts.find(step.lines); text != writers.texts.end()) step.text = text->second;
  return step;
}

std::optional<causes::Window> window_of(const metrics::Provenance& provenance) {
  if (!provenance.started || !provenance.finished) return std::nullopt;
  const auto seconds = [](WallTime time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  };
  return causes::Window{seconds(*provenance.started), seconds(*provenance.finished) + 1};
}

std::map<std::string, std::set<std::string>> inputs_of(const metrics::Provenance& provenance) {
  std::map<std::string, std::set<std::string>> inputs;
  for (const metrics::Material& material : provenance.materials) inputs[material.uri].insert(material.digest);
  return inputs;
}

}  // namespace

void blame(Options& options, const metrics::Provenance& a, std::size_t layers_a, const metrics::Provenance& b,
           std::size_t layers_b, const std::optional<std::string>& dockerfile) {
  const auto writers_a = std::make_shared<const Writers>(writers_of(a, layers_a, dockerfile));
  const auto writers_b = std::make_shared<const Writers>(writers_of(b, layers_b, dockerfile));
  options.step_of_layer = [writers_a, writers_b](bool of_a, std::size_t layer) {
    return step_of(of_a ? *writers_a : *writers_b, layer);
  };
  options.surroundings.build_a = window_of(a);
  options.surroundings.build_b = window_of(b);
}

std::vector<std::string> moved_inputs(const metrics::Provenance& a, const metrics::Provenance& b) {
  std::vector<std::string> moved;
  const auto in_a = inputs_of(a);
  const auto in_b = inputs_of(b);
  for (const auto& [uri, digests] : in_a) {
    const auto other = in_b.find(uri);
    if (other == in_b.end()) {
      moved.push_back(fmt::format("{} was read by A only", uri));
    } else if (digests != other->second && digests.size() == 1 && other->second.size() == 1) {
      moved.push_back(
          fmt::format("{} was {} in A and {} in B", uri, *digests.begin(), *other->second.begin()));
    }
  }
  for (const auto& [uri, digests] : in_b) {
    if (!in_a.contains(uri)) moved.push_back(fmt::format("{} was read by B only", uri));
  }
  return moved;
}

}  // namespace buildlab::drift
