#include "framework/image/oci.h"

#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "framework/base/exact_json.h"
#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/image/blobs.h"
#include "framework/image/found.h"
#include "framework/image/platform.h"

namespace buildlab::image {
namespace {

namespace fs = std::filesystem;

// BuildKit nests none; Docker's attestation layout none; a list of lists of lists is no image of ours.
constexpr int k_max_depth = 4;
constexpr std::size_t k_max_manifests = 1000;

struct Descriptor {
  Digest digest;
  std::uint64_t size = 0;
  std::string media_type;
  std::optional<Platform> platform;
  bool is_attestation = false;
};

tl::unexpected<Error> problem(const Blobs& blobs, std::string_view what) {
  return fail(ErrorKind::infrastructure, fmt::format("{}: {}", blobs.path().string(), what));
}

// `where` names the document and field, for messages.
Result<Descriptor> parse_descriptor(const Blobs& blobs, const Json& json, const std::string& where) {
  if (!json.is_object()) return problem(blobs, fmt::format("{} is not an object", where));
  auto digest = Digest::parse(text_member(json, "digest"));
  if (!digest) return fail_in(fmt::format("{}: {}", blobs.path().string(), where), std::move(digest).error());
  const auto size = json.find("size");
  if (size == json.end() || !size->is_number_unsigned()) {
    return problem(blobs, fmt::format("{} has no size that is a whole number", where));
  }
  Descriptor descriptor{std::move(*digest), size->get<std::uint64_t>(), text_member(json, "mediaType"),
                        std::nullopt, false};
  if (const auto platform = json.find("platform"); platform != json.end() && platform->is_object()) {
    descriptor.platform = Platform{text_member(*platform, "os"), text_member(*platform, "architecture"),
                                   text_member(*platform, "variant")};
    descriptor.is_attestation = descriptor.platform->os == "unknown";
  }
  if (const auto notes = json.find("annotations"); notes != json.end() && notes->is_object()) {
    if (!text_member(*notes, "vnd.docker.reference.type").empty()) descriptor.is_attestation = true;
  }
  return descriptor;
}

enum class MayCome { no, later };  // when it is read

Status check_size(const Blobs& blobs, const Descriptor& descriptor, const std::string& what,
                  MayCome may_come = MayCome::no) {
  BUILDLAB_ASSIGN(const std::optional<Bytes> size, blobs.size_of(blob_name(descriptor.digest)));
  if (!size) {
    if (may_come == MayCome::later && blobs.fetches()) return {};
    return problem(blobs, fmt::format("holds no blob for {} {}", what, descriptor.digest.text()));
  }
  if (size->count != descriptor.size) {
    return problem(blobs, fmt::format("{} {} has {} bytes, but {} are declared", what,
                                      descriptor.digest.text(), size->count, descriptor.size));
  }
  return {};
}

// A JSON blob whose size and digest are those of its descriptor.
Result<Json> read_json(const Blobs& blobs, const Descriptor& descriptor, const std::string& what) {
  BUILDLAB_TRY(check_size(blobs, descriptor, what));
  BUILDLAB_ASSIGN(const std::string text, blobs.read(blob_name(descriptor.digest), k_max_json));
  if (const Digest actual = sha256(text); actual != descriptor.digest) {
    return problem(
        blobs, fmt::format("{} {} has another content: {}", what, descriptor.digest.text(), actual.text()));
  }
  BUILDLAB_ASSIGN(Json json, parse_exact_json(text, fmt::format("{}: {}", blobs.path().string(), what)));
  if (!json.is_object()) return problem(blobs, fmt::format("{} is not an object", what));
  return json;
}

// Image manifests of an index and of those nested in it, attestations left out.
Status collect(const Blobs& blobs, const Json& index, const std::string& what, int depth,
               std::set<Digest>& seen, std::vector<Descriptor>& found) {
  const auto manifests = index.find("manifests");
  if (manifests == index.end() || !manifests->is_array()) {
    return problem(blobs, fmt::format("{} has no array \"manifests\"", what));
  }
  std::size_t at = 0;
  for (const Json& json : *manifests) {
    BUILDLAB_ASSIGN(Descriptor descriptor,
                    parse_descriptor(blobs, json, fmt::format("{} manifests[{}]", what, at++)));
    if (descriptor.is_attestation || !seen.insert(descriptor.digest).second) continue;
    if (seen.size() > k_max_manifests) {
      return problem(blobs, fmt::format("lists more than {} manifests", k_max_manifests));
    }
    const bool is_index =
        descriptor.media_type == "application/vnd.oci.image.index.v1+json" ||
        descriptor.media_type == "application/vnd.docker.distribution.manifest.list.v2+json";
    if (!is_index) {
      found.push_back(std::move(descriptor));
      continue;
    }
    if (depth == k_max_depth) return problem(blobs, fmt::format("nests indexes deeper than {}", k_max_depth));
    const std::string nested = "index " + descriptor.digest.short_text();
    BUILDLAB_ASSIGN(const Json json_index, read_json(blobs, descriptor, nested));
    BUILDLAB_TRY(collect(blobs, json_index, nested, depth + 1, seen, found));
  }
  return {};
}

// A list, or null, as BuildKit writes the lists of an image without layers (FROM scratch and metadata alone).
// nullptr for anything else.
const Json* list_member(const Json& object, const char* key) {
  static const Json k_none = Json::array();
  const auto found = object.find(key);
  if (found == object.end()) return nullptr;
  if (found->is_null()) return &k_none;
  return found->is_array() ? &*found : nullptr;
}

struct Config {
  Descriptor descriptor;
  Json json;
  Platform platform;
  std::vector<Digest> diff_ids;
};

Result<Config> read_config(const Blobs& blobs, const Json& manifest) {
  const auto entry = manifest.find("config");
  if (entry == manifest.end()) return problem(blobs, "the manifest has no config");
  BUILDLAB_ASSIGN(Descriptor descriptor, parse_descriptor(blobs, *entry, "the manifest's config"));
  BUILDLAB_ASSIGN(Json json, read_json(blobs, descriptor, "config"));
  const auto rootfs = json.find("rootfs");
  const Json* diff_ids =
      rootfs != json.end() && rootfs->is_object() ? list_member(*rootfs, "diff_ids") : nullptr;
  if (diff_ids == nullptr) {
    return problem(blobs, "the config has no rootfs.diff_ids, so this is no image");
  }
  Config config{std::move(descriptor),
                {},
                {text_member(json, "os"), text_member(json, "architecture"), text_member(json, "variant")},
                {}};
  for (const Json& id : *diff_ids) {
    auto digest = Digest::parse(id.is_string() ? id.get<std::string>() : "");
    if (!digest) {
      return fail_in(
          fmt::format("{}: config rootfs.diff_ids[{}]", blobs.path().string(), config.diff_ids.size()),
          std::move(digest).error());
    }
    config.diff_ids.push_back(std::move(*digest));
  }
  config.json = std::move(json);
  return config;
}

Result<Found> read_manifest(const Blobs& blobs, const Descriptor& descriptor) {
  BUILDLAB_ASSIGN(Json manifest, read_json(blobs, descriptor, "manifest"));
  BUILDLAB_ASSIGN(Config config, read_config(blobs, manifest));
  const Json* layers = list_member(manifest, "layers");
  if (layers == nullptr) return problem(blobs, "the manifest has no array \"layers\"");
  if (layers->size() != config.diff_ids.size()) {
    return problem(blobs, fmt::format("the manifest has {} layers, its config {} DiffIDs", layers->size(),
                                      config.diff_ids.size()));
  }
  if (descriptor.platform && normal(*descriptor.platform) != normal(config.platform)) {
    return problem(blobs, fmt::format("the index declares {} for {}, but its config says {}",
                                      to_string(*descriptor.platform), descriptor.digest.short_text(),
                                      to_string(config.platform)));
  }
  Image image{descriptor.digest,
              config.descriptor.digest,
              to_string(config.platform),
              {},
              Bytes{config.descriptor.size}};
  for (std::size_t i = 0; i < layers->size(); ++i) {
    BUILDLAB_ASSIGN(Descriptor layer, parse_descriptor(blobs, (*layers)[i], fmt::format("layer {}", i + 1)));
    BUILDLAB_TRY(check_size(blobs, layer, fmt::format("layer {}", i + 1), MayCome::later));
    image.size.count += layer.size;
    image.layers.push_back({std::move(layer.digest), std::move(config.diff_ids[i]), Bytes{layer.size},
                            std::move(layer.media_type)});
  }
  return Found{std::move(image), std::move(manifest), std::move(config.json)};
}

std::string names_of(const std::set<std::string>& platforms) {
  return platforms.empty() ? "no image at all" : fmt::format("{}", fmt::join(platforms, ", "));
}

}  // namespace

Result<Found> find_image(const Blobs& blobs, const std::optional<std::string>& platform) {
  std::optional<Platform> wanted;
  if (platform) {
    BUILDLAB_ASSIGN(wanted, parse_platform(*platform));
  }
  const fs::path& path = blobs.path();
  BUILDLAB_ASSIGN(const std::string text, blobs.read(k_index_name, k_max_json));
  BUILDLAB_ASSIGN(const Json index, parse_json(text, fmt::format("{}: {}", path.string(), k_index_name)));
  if (!index.is_object()) return problem(blobs, fmt::format("{} is not an object", k_index_name));
  std::vector<Descriptor> found;
  std::set<Digest> seen;
  BUILDLAB_TRY(collect(blobs, index, k_index_name, 1, seen, found));

  std::optional<Found> chosen;
  std::set<std::string> others;
  for (const Descriptor& descriptor : found) {
    if (wanted && descriptor.platform && normal(*descriptor.platform) != normal(*wanted)) {
      others.insert(to_string(*descriptor.platform));
      continue;
    }
    BUILDLAB_ASSIGN(Found image, read_manifest(blobs, descriptor));
    // A manifest that is alone in its index often has no platform there; its config has.
    BUILDLAB_ASSIGN(const Platform actual, parse_platform(image.image.platform));
    if (wanted && normal(actual) != normal(*wanted)) {
      others.insert(image.image.platform);
      continue;
    }
    if (chosen && !wanted) {
      return problem(blobs,
                     fmt::format("holds several images, among them {} and {}; choose one by its platform",
                                 chosen->image.platform, image.image.platform));
    }
    if (chosen) {
      return problem(blobs,
                     fmt::format("holds two images for {}: {} and {}", *platform,
                                 chosen->image.manifest_digest.text(), image.image.manifest_digest.text()));
    }
    chosen = std::move(image);
  }
  if (!chosen) {
    return problem(blobs, fmt::format("holds no image for {}; it holds {}", platform.value_or("any platform"),
                                      names_of(others)));
  }
  return std::move(*chosen);
}

Result<Image> read_image(const fs::path& path, const std::string& platform) {
  BUILDLAB_ASSIGN(const Blobs blobs, Blobs::open(path));
  BUILDLAB_ASSIGN(Found found, find_image(blobs, platform));
  return std::move(found.image);
}

Status verify_layers(const fs::path& path, const Image& image) {
  BUILDLAB_ASSIGN(const Blobs blobs, Blobs::open(path));
  for (const Layer& layer : image.layers) {
    BUILDLAB_ASSIGN(const Digest found, blobs.digest_of(blob_name(layer.digest)));
    if (found != layer.digest) {
      return fail(ErrorKind::infrastructure, fmt::format("{}: layer {} has the content of {}", path.string(),
                                                         layer.digest.text(), found.text()));
    }
  }
  return {};
}

}  // namespace buildlab::image
