#include <fmt/format.h>
#include <algorithm>
#include <set>
#include <utility>

#include "framework/drift/facts.h"
#include "framework/drift/flat.h"

namespace buildlab::drift {
namespace {

constexpr std::string_view k_whiteout_name = ".wh.";

// Entries that no layer read so far hides.
class Visible {
 public:
  explicit Visible(const std::vector<EntryPlace>& places) {
    for (const EntryPlace& place : places) m_places.emplace(place.path, place.layer);
  }

  bool none() const { return m_places.empty(); }
  // Whether one of them lies in this layer: what is above was read.
  bool any_of(std::size_t layer) const {
    return std::any_of(m_places.begin(), m_places.end(),
                       [&](const auto& place) { return place.second == layer; });
  }

  void hide_behind(const image::TarEntry& entry, std::size_t layer) {
    const std::size_t slash = entry.path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : entry.path.substr(0, slash);
    const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
    switch (kind_of(entry)) {
      case EntryKind::opaque:
        return hide(folder, layer, false, true);
      case EntryKind::whiteout: {
        const std::string gone = entry.path.substr(name + k_whiteout_name.size());
        return hide(folder.empty() ? gone : folder + "/" + gone, layer, true, true);
      }
      default:
        return hide(entry.path, layer, true, entry.type != image::TarType::directory);
    }
  }

 private:
  void hide(const std::string& path, std::size_t layer, bool itself, bool below) {
    const auto drop = [&](auto from, const auto& matches) {
      while (from != m_places.end() && matches(from->first)) {
        from = from->second < layer ? m_places.erase(from) : std::next(from);
      }
    };
    if (itself)
      drop(m_places.lower_bound({path, 0}), [&](const std::string& other) { return other == path; });
    if (!below) return;
    const std::string prefix = path.empty() ? "" : path + "/";
    drop(m_places.lower_bound({prefix, 0}),
         [&](const std::string& other) { return other.starts_with(prefix); });
  }

  std::set<std::pair<std::string, std::size_t>> m_places;
};

}  // namespace

Result<bool> all_hidden(const image::ImageFile& image, const std::vector<EntryPlace>& places,
                        Bytes max_layer) {
  Visible visible(places);
  for (std::size_t layer = image.image().layers.size(); !visible.none() && layer > 0; --layer) {
    if (visible.any_of(layer)) return false;
    BUILDLAB_ASSIGN(const image::Source source, image.layer(layer - 1, max_layer));
    image::TarReader reader(*source, fmt::format("{}: layer {}", image.path().string(), layer));
    while (true) {
      BUILDLAB_ASSIGN(const image::TarEntry* const entry, reader.next());
      if (entry == nullptr) break;
      visible.hide_behind(*entry, layer);
    }
  }
  return visible.none();
}

}  // namespace buildlab::drift
