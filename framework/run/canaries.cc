#include "framework/run/canaries.h"

#include <algorithm>
#include <set>

#include "framework/base/json.h"
#include "framework/image/image_file.h"
#include "framework/variation/canary.h"

namespace buildlab::run {
namespace {

using variation::CanarySearch;
using variation::Kind;

// What a layer may have unpacked. The images are of builds on this machine, which had room for it.
constexpr Bytes k_layer_limit{1ULL << 40U};

std::set<std::string> contents_of(const image::ImageFile& file) {
  std::set<std::string> contents;
  for (const image::Layer& layer : file.image().layers) contents.insert(layer.diff_id.text());
  return contents;
}

// In the configuration and in the layers that are not among `known`.
Result<std::vector<Kind>> search(const image::ImageFile& file, const std::set<std::string>& known,
                                 const std::vector<Kind>& kinds) {
  CanarySearch canaries(kinds);
  canaries.feed(to_line(file.config()));
  const auto& layers = file.image().layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (known.contains(layers[i].diff_id.text())) continue;
    canaries.feed("\n");  // no text reaches from one layer into the next
    BUILDLAB_ASSIGN(const image::Source tar, file.layer(i, k_layer_limit));
    while (true) {
      BUILDLAB_ASSIGN(const std::string_view piece, tar->next());
      if (piece.empty()) break;
      canaries.feed(piece);
    }
  }
  return canaries.found();
}

}  // namespace

Result<std::vector<Kind>> find_canaries(const std::filesystem::path& varied,
                                        const std::filesystem::path& plain, const std::string& platform,
                                        const std::vector<Kind>& kinds) {
  BUILDLAB_ASSIGN(const image::ImageFile varied_file, image::ImageFile::open(varied, platform));
  BUILDLAB_ASSIGN(const image::ImageFile plain_file, image::ImageFile::open(plain, platform));
  BUILDLAB_ASSIGN(std::vector<Kind> found, search(varied_file, contents_of(plain_file), kinds));
  if (found.empty()) return found;
  // A subject that has such a text of its own proves nothing with it.
  BUILDLAB_ASSIGN(const std::vector<Kind> own, search(plain_file, contents_of(varied_file), found));
  std::erase_if(found, [&](Kind kind) { return std::find(own.begin(), own.end(), kind) != own.end(); });
  return found;
}

}  // namespace buildlab::run
