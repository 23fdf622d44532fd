#include "framework/drift/blame.h"

#include <memory>

#include "framework/drift/instructions.h"

namespace buildlab::drift {
namespace {

struct Writers {
  Instructions instructions;
  std::vector<std::optional<dockerfile::LineRange>> lines;

  std::optional<StepRef> of_layer(std::size_t layer) const {
    if (layer >= lines.size() || !lines[layer]) return std::nullopt;
    return instructions.at(*lines[layer]);
  }
};

std::optional<causes::Window> window_of(const metrics::Provenance& provenance) {
  if (!provenance.started || !provenance.finished) return std::nullopt;
  const auto seconds = [](WallTime time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  };
  return causes::Window{seconds(*provenance.started), seconds(*provenance.finished) + 1};
}

}  // namespace

void blame(Options& options, const metrics::Provenance& a, std::size_t layers_a, const metrics::Provenance& b,
           std::size_t layers_b, const std::optional<std::string>& dockerfile) {
  const auto writers_of = [&](const metrics::Provenance& provenance, std::size_t layers) {
    return std::make_shared<const Writers>(
        Writers{Instructions(provenance, dockerfile), metrics::lines_of_layers(provenance, layers)});
  };
  const auto writers_a = writers_of(a, layers_a);
  const auto writers_b = writers_of(b, layers_b);
  options.step_of_layer = [writers_a, writers_b](bool of_a, std::size_t layer) {
    return (of_a ? writers_a : writers_b)->of_layer(layer);
  };
  options.surroundings.build_a = window_of(a);
  options.surroundings.build_b = window_of(b);
}

}  // namespace buildlab::drift
