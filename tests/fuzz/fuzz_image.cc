// libFuzzer on images as they come from outside: a layer's bytes, an archive, and each document of a layout
// around which everything else is right, so that digests do not stop every input at the door.
#include <fmt/format.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "framework/base/file.h"
#include "framework/drift/compare.h"
#include "framework/image/image_file.h"
#include "framework/image/tar_reader.h"
#include "tests/fuzz/target.h"
#include "tests/support/image_writer.h"

namespace {

namespace fs = std::filesystem;
namespace image = buildlab::image;
namespace synthetic = buildlab::synthetic;
using buildlab::Bytes;
using buildlab::Json;

constexpr Bytes k_limit{1U << 20U};

// Gives the bytes in small pieces, so that fields are cut at every place.
class Memory : public image::ByteSource {
 public:
  explicit Memory(std::string_view bytes) : m_bytes(bytes) {}
  buildlab::Result<std::string_view> next() override {
    const std::string_view piece = m_bytes.substr(0, 700);
    m_bytes.remove_prefix(piece.size());
    return piece;
  }

 private:
  std::string_view m_bytes;
};

void read_to_end(image::ByteSource& source) {
  image::TarReader reader(source, "layer", 10'000);
  while (true) {
    const auto entry = reader.next();
    if (!entry) return;
    if (*entry == nullptr) break;
    const std::string& path = (*entry)->path;
    // No path leaves the image.
    if (path.starts_with('/') || path == ".." || path.starts_with("../") || path.ends_with("/.."))
      std::abort();
    if (path.find("/../") != std::string::npos) std::abort();
    std::uint64_t left = (*entry)->size;
    for (bool more = left % 2 == 0; more;) {
      const auto piece = reader.read();
      if (!piece) return;
      if (piece->size() > left) std::abort();
      left -= piece->size();
      more = !piece->empty();
    }
  }
  (void)reader.finish();
}

void tar(std::string_view bytes) {
  Memory source(bytes);
  read_to_end(source);
}

void packed_layer(std::string_view bytes) {
  const image::Source source = image::unpack(std::make_unique<Memory>(bytes), "layer", k_limit);
  read_to_end(*source);
}

const fs::path& folder() {
  static const buildlab::TempDir k_folder =
      buildlab::TempDir::create(fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path(),
                                "buildlab-fuzz-")
          .value();
  return k_folder.path();
}

void write(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void open_and_read(const fs::path& path) {
  const auto file = image::ImageFile::open(path, std::nullopt);
  if (!file) return;
  for (std::size_t i = 0; i < std::min<std::size_t>(file->image().layers.size(), 4); ++i) {
    const auto layer = file->layer(i, k_limit);
    if (layer) read_to_end(**layer);
  }
}

void archive(std::string_view bytes) {
  write(folder() / "archive", bytes);
  open_and_read(folder() / "archive");
}

const synthetic::ImageSpec& right_image() {
  static const synthetic::ImageSpec k_image{{synthetic::tar_of({{"etc/", "", '5'}, {"etc/a", "x"}})}};
  return k_image;
}

// A layout whose document is replaced by the bytes, with digests that fit.
void layout(const synthetic::Files& files) {
  const fs::path path = folder() / "layout";
  fs::remove_all(path);
  for (const auto& [name, bytes] : files) write(path / name, bytes);
  open_and_read(path);
}

Json descriptor(std::string_view bytes, const char* type) {
  return {{"mediaType", type}, {"digest", buildlab::sha256(bytes).text()}, {"size", bytes.size()}};
}

void add_manifest(synthetic::Files& files, std::string_view manifest) {
  files["blobs/sha256/" + buildlab::sha256(manifest).hex()] = manifest;
  const Json index{
      {"manifests", Json::array({descriptor(manifest, "application/vnd.oci.image.manifest.v1+json")})}};
  files["index.json"] = buildlab::to_line(index);
}

void index(std::string_view bytes) {
  synthetic::Files files = synthetic::layout_of(right_image());
  files["index.json"] = bytes;
  layout(files);
}

void nested_index(std::string_view bytes) {
  synthetic::Files files = synthetic::layout_of(right_image());
  files["blobs/sha256/" + buildlab::sha256(bytes).hex()] = bytes;
  const Json outer{
      {"manifests", Json::array({descriptor(bytes, "application/vnd.oci.image.index.v1+json")})}};
  files["index.json"] = buildlab::to_line(outer);
  layout(files);
}

void manifest(std::string_view bytes) {
  synthetic::Files files = synthetic::layout_of(right_image());
  add_manifest(files, bytes);
  layout(files);
}

void config(std::string_view bytes) {
  synthetic::Files files = synthetic::layout_of(right_image());
  files["blobs/sha256/" + buildlab::sha256(bytes).hex()] = bytes;
  const std::string layer = synthetic::gzip_of(right_image().tars[0]);
  const Json made{
      {"config", descriptor(bytes, "application/vnd.oci.image.config.v1+json")},
      {"layers", Json::array({descriptor(layer, "application/vnd.oci.image.layer.v1.tar+gzip")})}};
  add_manifest(files, buildlab::to_line(made));
  layout(files);
}

void docker(std::string_view bytes) {
  synthetic::Files files = synthetic::docker_files_of(right_image());
  files["manifest.json"] = bytes;
  archive(synthetic::archive_of(files));
}

// Two images of one layer each: the bytes' halves. What a comparison says of an image and itself is checked.
void compare(std::string_view bytes) {
  const std::size_t middle = bytes.size() / 2;
  const auto made = [](std::string_view tar, const char* name) {
    synthetic::ImageSpec spec{{std::string(tar)}};
    spec.gzip = false;
    fs::remove_all(folder() / name);
    for (const auto& [file, text] : synthetic::layout_of(spec)) write(folder() / name / file, text);
    return image::ImageFile::open(folder() / name, std::nullopt);
  };
  const auto a = made(bytes.substr(0, middle), "a");
  const auto b = made(bytes.substr(middle), "b");
  if (!a || !b) std::abort();
  buildlab::drift::Options options;
  options.max_layer = k_limit;
  options.threads = 1;
  const auto comparison = buildlab::drift::compare(*a, *b, options);
  if (!comparison) return;
  const bool same = bytes.substr(0, middle) == bytes.substr(middle);
  if (same != (comparison->verdict == buildlab::drift::Verdict::identical)) std::abort();
}

struct Target {
  const char* name;
  void (*run)(std::string_view bytes);
};
constexpr Target k_targets[] = {{"tar", tar},
                                {"packed_layer", packed_layer},
                                {"archive", archive},
                                {"index", index},
                                {"nested_index", nested_index},
                                {"manifest", manifest},
                                {"config", config},
                                {"docker", docker},
                                {"compare", compare}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Target& target =
      buildlab::fuzz::target_for(std::span<const Target>(k_targets), size == 0 ? 0 : data[0]);
  if (size == 0) return 0;
  target.run(std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
