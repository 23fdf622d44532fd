#include "framework/drift/packing.h"

#include <fmt/format.h>

#include "framework/base/text.h"
#include "framework/image/packing.h"

namespace buildlab::drift {
namespace {

using image::Packing;

// How the layer is compressed where its media type says otherwise.
Result<std::optional<Packing>> untold_packing(const image::ImageFile& file, std::size_t index) {
  const auto claimed = image::packing_by(file.image().layers.at(index).media_type);
  if (!claimed) return std::nullopt;
  BUILDLAB_ASSIGN(const Packing actual, file.packing(index));
  return actual == *claimed ? std::nullopt : std::optional(actual);
}

std::string text_of(const image::ImageFile& file, std::size_t index, const std::optional<Packing>& actual) {
  const std::string& type = file.image().layers[index].media_type;
  return actual ? fmt::format("{}, but {}", type, to_string(*actual)) : type;
}

Result<std::vector<std::optional<Packing>>> untold_of(const image::ImageFile& file, Range range,
                                                      Explainer& explainer) {
  std::vector<std::optional<Packing>> all;
  for (std::size_t index = range.first; index < range.end; ++index) {
    BUILDLAB_ASSIGN(const std::optional<Packing> actual, untold_packing(file, index));
    all.push_back(actual);
    if (!actual) continue;
    const image::Layer& layer = file.image().layers[index];
    explainer.note(
        fmt::format("{}: layer {} {} is {}, which its media type {} does not say; some runtimes "
                    "go by the media type and cannot unpack it",
                    file.path().string(), index + 1, layer.digest.short_text(), to_string(*actual),
                    one_line(layer.media_type, 120)));
  }
  return all;
}

}  // namespace

Status tell_packing(const image::ImageFile& a, const image::ImageFile& b,
                    const std::vector<Segment>& segments, Explainer& explainer) {
  for (const Segment& segment : segments) {
    const bool unread =
        segment.equal && a.image().layers[segment.a.first].digest == b.image().layers[segment.b.first].digest;
    if (unread) continue;
    BUILDLAB_ASSIGN(const auto of_a, untold_of(a, segment.a, explainer));
    BUILDLAB_ASSIGN(const auto of_b, untold_of(b, segment.b, explainer));
    if (!segment.is_pair() || of_a.front() == of_b.front()) continue;
    Difference found;
    found.layer = segment.a.first + 1;
    found.layer_b = segment.b.first + 1;
    found.attribute = Attribute::mediatype;
    found.key = "compression";
    found.a = text_of(a, segment.a.first, of_a.front());
    found.b = text_of(b, segment.b.first, of_b.front());
    found.representation = true;
    std::vector<Difference> one;
    one.push_back(std::move(found));
    explainer.take(std::move(one));
  }
  return {};
}

}  // namespace buildlab::drift
