#include "framework/drift/blame.h"

#include <fmt/format.h>
#include <algorithm>
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

// Why the provenance cannot be of the image. Where it knows another number of layers it may still be: of what
// a merge put together (COPY --link) it knows the base only, of a cached build it can know another stage too.
std::optional<std::string> contradiction(const metrics::Provenance& provenance, const Layers& layers) {
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

bool blame(Options& options, const metrics::Provenance& a, const Layers& layers_a,
           const metrics::Provenance& b, const Layers& layers_b,
           const std::optional<std::string>& dockerfile) {
  auto wrong_a = contradiction(a, layers_a);
  auto wrong_b = contradiction(b, layers_b);
  if (fits_only(a, layers_a, layers_b) && fits_only(b, layers_b, layers_a)) {
    wrong_a = "it lists layers of B; were the two files exchanged?";
    wrong_b = "it lists layers of A; were the two files exchanged?";
  }
  const auto note = [&](std::string_view side, const std::optional<std::string>& wrong, std::size_t known,
                        std::size_t layers) {
    if (wrong) {
      options.notes.push_back(
          fmt::format("the provenance of {} is not of this image, and was not used: {}", side, *wrong));
    } else if (known != 0 && known != layers) {
      options.notes.push_back(fmt::format(
          "the provenance of {} knows {} layers and the image has {}, so that no layer is tied to an "
          "instruction: it is of another image, or this one was put together by COPY --link",
          side, known, layers));
    }
  };
  note("A", wrong_a, a.step_of_layer.size(), layers_a.size());
  note("B", wrong_b, b.step_of_layer.size(), layers_b.size());
  std::shared_ptr<const Writers> writers_a;
  std::shared_ptr<const Writers> writers_b;
  const auto writers_of = [&](const metrics::Provenance& provenance, const Layers& layers) {
    return std::make_shared<const Writers>(
        Writers{Instructions(provenance, dockerfile), metrics::lines_of_layers(provenance, layers.size())});
  };
  if (!wrong_a) {
    writers_a = writers_of(a, layers_a);
    options.surroundings.build_a = window_of(a);
  }
  if (!wrong_b) {
    writers_b = writers_of(b, layers_b);
    options.surroundings.build_b = window_of(b);
  }
  options.step_of_layer = [writers_a, writers_b](bool of_a, std::size_t layer) -> std::optional<StepRef> {
    const auto& writers = of_a ? writers_a : writers_b;
    return writers ? writers->of_layer(layer) : std::nullopt;
  };
  return !wrong_a && !wrong_b;
}

}  // namespace buildlab::drift
