#include "framework/image/image_file.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/image/blobs.h"
#include "framework/image/found.h"
#include "framework/image/layer.h"

namespace buildlab::image {

ImageFile::ImageFile(std::unique_ptr<Blobs> blobs, Image image, Json manifest, Json config)
    : m_blobs(std::move(blobs)),
      m_image(std::move(image)),
      m_manifest(std::move(manifest)),
      m_config(std::move(config)) {}
ImageFile::ImageFile(ImageFile&& other) noexcept = default;
ImageFile& ImageFile::operator=(ImageFile&& other) noexcept = default;
ImageFile::~ImageFile() = default;

const std::filesystem::path& ImageFile::path() const {
  return m_blobs->path();
}

Result<ImageFile> ImageFile::open(const std::filesystem::path& path,
                                  const std::optional<std::string>& platform, FetchBlob fetch) {
  BUILDLAB_ASSIGN(Blobs opened, Blobs::open(path, std::move(fetch)));
  auto blobs = std::make_unique<Blobs>(std::move(opened));
  BUILDLAB_ASSIGN(const std::optional<Bytes> index, blobs->size_of(k_index_name));
  BUILDLAB_ASSIGN(const std::optional<Bytes> docker, blobs->size_of("manifest.json"));
  if (!index && docker) {
    BUILDLAB_ASSIGN(DockerArchive archive, find_docker_image(*blobs, platform));
    ImageFile file(std::move(blobs), std::move(archive.found.image), std::move(archive.found.manifest),
                   std::move(archive.found.config));
    file.m_has_manifest = false;
    file.m_files = std::move(archive.layer_files);
    return file;
  }
  BUILDLAB_ASSIGN(Found found, find_image(*blobs, platform));
  return ImageFile(std::move(blobs), std::move(found.image), std::move(found.manifest),
                   std::move(found.config));
}

std::string ImageFile::file_of(std::size_t index) const {
  return m_files.empty() ? blob_name(m_image.layers.at(index).digest) : m_files.at(index);
}

Result<Packing> ImageFile::packing(std::size_t index) const {
  constexpr std::size_t k_enough = 6;
  BUILDLAB_ASSIGN(const Source packed, m_blobs->stream(file_of(index)));
  std::string beginning;
  while (beginning.size() < k_enough) {
    BUILDLAB_ASSIGN(const std::string_view piece, packed->next());
    if (piece.empty()) break;
    beginning.append(piece.substr(0, k_enough));
  }
  return packing_of(beginning);
}

Result<Source> ImageFile::layer(std::size_t index, Bytes limit) const {
  const Layer& layer = m_image.layers.at(index);
  const std::uint64_t by_ratio = k_max_ratio * std::min(layer.size.count, limit.count);
  limit.count = std::min(limit.count, std::max(k_any_ratio.count, by_ratio));
  LayerClaim claim{fmt::format("{}: layer {} {}", path().string(), index + 1, layer.digest.short_text()),
                   layer.digest, layer.diff_id, limit};
  BUILDLAB_TRY(m_blobs->fetch(layer.digest, layer.size));
  BUILDLAB_ASSIGN(Source packed, m_blobs->stream(file_of(index)));
  return read_ahead(verified_layer(std::move(packed), claim));
}

}  // namespace buildlab::image
