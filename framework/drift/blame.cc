#include "framework/drift/blame.h"

#include <fmt/format.h>
#include <algorithm>
#include <memory>

#include "framework/drift/instructions.h"
#include "framework/drift/layer_lines.h"

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

// "gzip" of "application/vnd.oci.image.layer.v1.tar+gzip" and of "…docker.image.rootfs.diff.tar.gzip".
std::string_view compression_of(std::string_view media_type) {
  const std::size_t tar = media_type.rfind("tar");
  return tar == std::string_view::npos ? "" : media_type.substr(std::min(tar + 4, media_type.size()));
}

bool is_base(const metrics::Provenance& provenance, std::size_t layer) {
  const auto step = provenance.steps.find(provenance.step_of_layer[layer]);
  if (step == provenance.steps.end()) return false;
  const std::string& source = step->second.source;
  return source.starts_with("docker-image://") || source.starts_with("oci-layout://");
}

// Of a base with other layers. A cached build can know another stage's, too.
std::optional<std::string> other_base(const metrics::Provenance& provenance, const Layers& layers) {
  const std::size_t known = provenance.step_of_layer.size();
  if (known != layers.size() || !provenance.one_base) return std::nullopt;
  std::size_t base = 0;
  for (; base < known && base < provenance.layers.size() && is_base(provenance, base); ++base) {
    const metrics::ProvenanceLayer& told = provenance.layers[base];
    if (told.digest == layers[base].digest.text()) return std::nullopt;
    // Exported with another compression, its blobs are others.
    if (compression_of(told.media_type) != compression_of(layers[base].media_type)) return std::nullopt;
  }
  if (base == 0) return std::nullopt;
  return fmt::format("its base begins with the layer {} and the image with {}",
                     provenance.layers.front().digest, layers.front().digest.text());
}

// With the proxy network it knows what lies below the first step that had it, and it can be of a build that
// exported nothing: then the image's history has to tell of its Dockerfile.
std::optional<std::string> other_layers(const Built& built, HistoryFit fit) {
  const std::size_t known = built.provenance.step_of_layer.size();
  if (known == built.layers.size() || fit == HistoryFit::whole) return std::nullopt;
  if (known == 0 && built.provenance.dockerfile_text.empty()) return std::nullopt;  // it tells of nothing
  return fmt::format("it knows {} layers and the image has {}, and the image's history is {} its Dockerfile",
                     known, built.layers.size(),
                     fit == HistoryFit::none ? "not that of" : "only in part that of");
}

// Whether it lists layers of `other`, and none of those of `own`, where the two differ.
bool fits_only(const metrics::Provenance& provenance, const Layers& own, const Layers& other) {
  bool fits = false;
  for (std::size_t i = 0; i < provenance.layers.size() && i < own.size() && i < other.size(); ++i) {
    if (own[i].digest == other[i].digest) continue;
    if (provenance.layers[i].digest == own[i].digest.text()) return false;
    fits = fits || provenance.layers[i].digest == other[i].digest.text();
  }
  return fits;
}

}  // namespace

bool blame(Options& options, const Built& a, const Built& b, const std::optional<std::string>& dockerfile,
           Trust trust) {
  const bool exchanged =
      fits_only(a.provenance, a.layers, b.layers) && fits_only(b.provenance, b.layers, a.layers);
  const auto side = [&](const Built& built, std::string_view name, std::string_view other,
                        std::optional<causes::Window>& window) -> std::shared_ptr<const Writers> {
    LayerLines found = lines_of_layers(built.provenance, built.config, built.layers.size());
    std::optional<std::string> wrong = other_base(built.provenance, built.layers);
    if (!wrong) wrong = other_layers(built, found.fit);
    if (exchanged) wrong = fmt::format("it lists layers of {}; were the two files exchanged?", other);
    if (wrong && trust == Trust::to_be_shown) {
      options.notes.push_back(
          fmt::format("the provenance of {} is not of this image, and was not used: {}", name, *wrong));
      return nullptr;
    }
    window = window_of(built.provenance);
    return std::make_shared<const Writers>(
        Writers{Instructions(built.provenance, dockerfile), std::move(found.lines)});
  };
  const auto writers_a = side(a, "A", "B", options.surroundings.build_a);
  const auto writers_b = side(b, "B", "A", options.surroundings.build_b);
  options.step_of_layer = [writers_a, writers_b](bool of_a, std::size_t layer) -> std::optional<StepRef> {
    const auto& writers = of_a ? writers_a : writers_b;
    return writers ? writers->of_layer(layer) : std::nullopt;
  };
  return writers_a && writers_b;
}

}  // namespace buildlab::drift
