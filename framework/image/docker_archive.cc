// The archive of `docker save` before version 25, as moby's "Docker Image Specification v1.2" describes it:
// manifest.json lists for each image its config's file and its layers' files.
#include <fmt/format.h>

#include "framework/base/exact_json.h"
#include "framework/base/text.h"
#include "framework/image/found.h"
#include "framework/image/platform.h"

namespace buildlab::image {
namespace {

constexpr std::size_t k_max_images = 1000;

tl::unexpected<Error> unsound(const Blobs& blobs, std::string_view what) {
  return fail(ErrorKind::infrastructure, fmt::format("{}: manifest.json: {}", blobs.path().string(), what));
}

Result<DockerArchive> read_one(const Blobs& blobs, const Json& entry) {
  const std::string config_name = text_member(entry, "Config");
  const auto layers = entry.find("Layers");
  if (config_name.empty() || layers == entry.end() || !(layers->is_array() || layers->is_null())) {
    return unsound(blobs, "an image without \"Config\" or \"Layers\"");
  }
  BUILDLAB_ASSIGN(const std::string text, blobs.read(config_name, k_max_json));
  BUILDLAB_ASSIGN(Json config,
                  parse_exact_json(text, fmt::format("{}: {}", blobs.path().string(), config_name)));
  const Digest config_digest = sha256(text);
  // The config's file is named by its digest, so that it can be verified.
  const std::string stem = std::filesystem::path(config_name).stem().string();
  if (stem.size() == 64 && stem != config_digest.hex()) {
    return unsound(blobs, fmt::format("{} has another content: {}", config_name, config_digest.text()));
  }
  const auto rootfs = config.find("rootfs");
  if (!config.is_object() || rootfs == config.end() || !rootfs->is_object()) {
    return unsound(blobs, fmt::format("{} has no rootfs, so it is no image's", config_name));
  }
  const Json diff_ids = rootfs->value("diff_ids", Json::array());
  const std::size_t count = layers->is_null() ? 0 : layers->size();
  if (!diff_ids.is_array() || diff_ids.size() != count) {
    return unsound(blobs, fmt::format("{} layers, but another number of DiffIDs in {}", count, config_name));
  }
  Image image{sha256(to_line(entry)),
              config_digest,
              to_string(Platform{text_member(config, "os"), text_member(config, "architecture"),
                                 text_member(config, "variant")}),
              {},
              Bytes{text.size()}};
  DockerArchive archive{{std::move(image), Json::object(), std::move(config)}, {}};
  for (std::size_t i = 0; i < count; ++i) {
    if (!(*layers)[i].is_string() || !diff_ids[i].is_string())
      return unsound(blobs, "a layer that is no name");
    const std::string name = blobs.resolve((*layers)[i].get<std::string>());
    BUILDLAB_ASSIGN(const std::optional<Bytes> size, blobs.size_of(name));
    if (!size)
      return unsound(blobs, fmt::format("lists \"{}\", which the archive lacks", one_line(name, 120)));
    BUILDLAB_ASSIGN(Digest diff_id, Digest::parse(diff_ids[i].get<std::string>()));
    BUILDLAB_ASSIGN(Digest digest, blobs.digest_of(name));
    archive.found.image.size.count += size->count;
    archive.found.image.layers.push_back({std::move(digest), std::move(diff_id), *size, ""});
    archive.layer_files.push_back(name);
  }
  return archive;
}

}  // namespace

Result<DockerArchive> find_docker_image(const Blobs& blobs, const std::optional<std::string>& platform) {
  BUILDLAB_ASSIGN(const std::string text, blobs.read("manifest.json", k_max_json));
  BUILDLAB_ASSIGN(const Json list, parse_json(text, blobs.path().string() + ": manifest.json"));
  if (!list.is_array() || list.empty()) return unsound(blobs, "is no list of images");
  if (list.size() > k_max_images)
    return unsound(blobs, fmt::format("lists more than {} images", k_max_images));
  if (list.size() > 1) {
    return unsound(blobs, fmt::format("lists {} images; save one image only", list.size()));
  }
  if (!list.front().is_object()) return unsound(blobs, "an image that is no object");
  BUILDLAB_ASSIGN(DockerArchive archive, read_one(blobs, list.front()));
  if (platform) {
    BUILDLAB_ASSIGN(const Platform wanted, parse_platform(*platform));
    BUILDLAB_ASSIGN(const Platform actual, parse_platform(archive.found.image.platform));
    if (normal(actual) != normal(wanted)) {
      return unsound(
          blobs, fmt::format("holds no image for {}; it holds {}", *platform, archive.found.image.platform));
    }
  }
  return archive;
}

}  // namespace buildlab::image
