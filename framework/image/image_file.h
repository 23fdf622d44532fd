// An image as a whole, ready to be read layer by layer: an OCI archive, an OCI layout folder, or an archive
// of `docker save`.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/json.h"
#include "framework/image/oci.h"
#include "framework/image/packing.h"
#include "framework/image/source.h"

namespace buildlab::image {

class Blobs;

// Layers of system files shrink to a third; DEFLATE cannot do better than to a 1032nd. What unpacks to more
// than this many times its size, and to more than k_any_ratio, is a decompression bomb.
inline constexpr std::uint64_t k_max_ratio = 200;
inline constexpr Bytes k_any_ratio{4ULL << 30U};

class ImageFile {
 public:
  // `platform` chooses among several images; without it there has to be one only. Errors as of read_image.
  // With `fetch`, a layout folder's layers need not be there: each is brought when it is read first.
  using FetchBlob = std::function<Status(const Digest& digest, Bytes size)>;
  static Result<ImageFile> open(const std::filesystem::path& path, const std::optional<std::string>& platform,
                                FetchBlob fetch = {});
  ImageFile(ImageFile&& other) noexcept;
  ImageFile& operator=(ImageFile&& other) noexcept;
  ~ImageFile();

  const std::filesystem::path& path() const;
  const Image& image() const { return m_image; }
  // An archive of docker has none: then it is what a registry would be given, without sizes and digests.
  const Json& manifest() const { return m_manifest; }
  bool has_manifest() const { return m_has_manifest; }
  const Json& config() const { return m_config; }

  // The tar of a layer (0 is the lowest), unpacked, verified against the digests that the image claims, read
  // ahead on a thread of its own. `limit` is what the tar may have; a small blob may not unpack to as much,
  // see k_max_ratio.
  Result<Source> layer(std::size_t index, Bytes limit) const;
  // How the layer is compressed, by its first bytes; of a layer that was read.
  Result<Packing> packing(std::size_t index) const;

 private:
  std::string file_of(std::size_t index) const;
  ImageFile(std::unique_ptr<Blobs> blobs, Image image, Json manifest, Json config);

  std::unique_ptr<Blobs> m_blobs;
  Image m_image;
  Json m_manifest;
  Json m_config;
  bool m_has_manifest = true;
  std::vector<std::string> m_files;  // of an archive of docker: the layers' names
};

}  // namespace buildlab::image
