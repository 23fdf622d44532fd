#include "framework/network/manifest.h"

#include "framework/base/digest.h"
#include "framework/base/json.h"

namespace buildlab::network {
namespace {

std::string media_of(const Json& descriptor, std::string_view otherwise) {
  const std::string type = text_member(descriptor, "mediaType");
  if (type.find("cacheconfig") != std::string::npos || type.find(".config.") != std::string::npos ||
      type.find("container.image.v1") != std::string::npos) {
    return "config";
  }
  if (type.find("manifest.") != std::string::npos || type.find("image.index.") != std::string::npos)
    return "manifest";
  if (type.find("layer.") != std::string::npos || type.find("rootfs.") != std::string::npos) return "layer";
  return std::string(otherwise);
}

void add(const Json& descriptor, std::string_view otherwise, Descriptions& known, std::size_t limit) {
  if (!descriptor.is_object() || known.size() >= limit) return;
  const auto digest = Digest::parse(text_member(descriptor, "digest"));
  const auto size = descriptor.find("size");
  if (!digest || size == descriptor.end() || !size->is_number_unsigned()) return;
  known.insert_or_assign(digest->text(),
                         Described{media_of(descriptor, otherwise), size->get<std::uint64_t>()});
}

void add_all(const Json& manifest, const char* key, std::string_view otherwise, Descriptions& known,
             std::size_t limit) {
  const auto list = manifest.find(key);
  if (list == manifest.end() || !list->is_array()) return;
  for (const Json& descriptor : *list) add(descriptor, otherwise, known, limit);
}

}  // namespace

void describe_blobs(std::string_view manifest, Descriptions& known, std::size_t limit) {
  const auto json = parse_json(manifest, "manifest");
  if (!json || !json->is_object()) return;
  if (const auto config = json->find("config"); config != json->end()) add(*config, "config", known, limit);
  add_all(*json, "layers", "layer", known, limit);
  add_all(*json, "manifests", "layer", known, limit);
}

}  // namespace buildlab::network
