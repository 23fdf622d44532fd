// The compressed layers and the config of the largest image among the valid builds.
#include "gates/rules/gate.h"

namespace buildlab::gates {

verdict::Verdict max_image_size(const GateInput& input) {
  constexpr const char* k_gate = "max_image_size";
  const Bytes limit = *input.settings().max_image_size;
  const record::Build* largest = nullptr;
  for (const record::Build* build : input.samples) {
    if (!build->image) return not_evaluated(k_gate, fmt::format("{} has no image", name_of(*build)));
    if (largest == nullptr || build->image->size_bytes > largest->image->size_bytes) largest = build;
  }
  const record::ImageRow& image = *largest->image;
  const std::string message =
      fmt::format("{} ({} bytes) in {}, at most {} asked", to_string(Bytes{image.size_bytes}),
                  image.size_bytes, name_of(*largest), to_string(limit));
  if (image.size_bytes <= limit.count) return pass(k_gate, message);
  std::vector<std::string> evidence;
  for (std::size_t i = 0; i < image.layers.size(); ++i) {
    evidence.push_back(fmt::format("layer {} of {}: {} {}", i + 1, image.layers.size(),
                                   to_string(Bytes{image.layers[i].size_bytes}), image.layers[i].digest));
  }
  return failed(k_gate, input.record(), message, std::move(evidence));
}

}  // namespace buildlab::gates
