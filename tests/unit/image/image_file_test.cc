#include "framework/image/image_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <fstream>

#include "tests/support/image_writer.h"

namespace buildlab::image {
namespace {

namespace fs = std::filesystem;
using synthetic::ImageSpec;
using ::testing::HasSubstr;

constexpr Bytes k_limit{1U << 20U};

class AnImageFile : public ::testing::Test {
 protected:
  AnImageFile() : m_dir(TempDir::create(fs::temp_directory_path(), "buildlab-image-").value()) {}

  Result<ImageFile> open(const ImageSpec& spec) {
    synthetic::write_image(folder(), spec);
    return ImageFile::open(folder(), std::nullopt);
  }

  Result<std::string> layer(const ImageSpec& spec, Bytes limit = k_limit) {
    BUILDLAB_ASSIGN(const ImageFile file, open(spec));
    BUILDLAB_ASSIGN(const Source source, file.layer(0, limit));
    std::string text;
    while (true) {
      BUILDLAB_ASSIGN(const std::string_view piece, source->next());
      if (piece.empty()) return text;
      text += piece;
    }
  }

  std::string problem(const ImageSpec& spec, Bytes limit = k_limit) {
    const auto text = layer(spec, limit);
    return text ? "no error" : text.error().message;
  }

  // The only blob that begins as gzip does.
  fs::path packed_layer() const {
    for (const auto& blob : fs::directory_iterator(folder() / "blobs" / "sha256")) {
      if (read_file(blob.path()).value().starts_with("\x1f\x8b")) return blob.path();
    }
    throw std::out_of_range("no packed layer");
  }

  fs::path folder() const { return m_dir.path() / "image"; }
  TempDir m_dir;
};

TEST_F(AnImageFile, GivesItsLayersUnpacked) {
  const std::string tar = synthetic::tar_of({{"a", std::string(300'000, 'x')}});
  for (const bool gzip : {true, false}) {
    ImageSpec spec{{tar}};
    spec.gzip = gzip;
    const auto text = layer(spec);
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_EQ(*text, tar);
  }
}

TEST_F(AnImageFile, TakesALayerOfSeveralGzipMembers) {
  const std::string tar = synthetic::tar_of({{"a", "1"}, {"b", std::string(100'000, 'y')}});
  const auto source = unpack(
      [&] {
        const fs::path path = m_dir.path() / "members";
        const std::string bytes = synthetic::gzip_of(tar.substr(0, 600)) +
                                  synthetic::gzip_of(tar.substr(600)) + std::string(100, '\0');
        EXPECT_TRUE(write_file_atomic(path, bytes));
        return read_range(path, 0, Bytes{bytes.size()}).value();
      }(),
      "members", k_limit);
  std::string text;
  while (true) {
    const auto piece = source->next();
    ASSERT_TRUE(piece) << piece.error().message;
    if (piece->empty()) break;
    text += *piece;
  }
  EXPECT_EQ(text, tar);
}

// A zstd frame of one raw block (RFC 8878, 3.1.1).
std::string zstd_of(const std::string& bytes) {
  const auto little = [](std::size_t value, int size) {
    std::string text;
    for (int i = 0; i < size; ++i) text += static_cast<char>(value >> (8U * static_cast<unsigned>(i)));
    return text;
  };
  return "\x28\xb5\x2f\xfd\x60" + little(bytes.size() - 256, 2) + little(bytes.size() * 8 + 1, 3) + bytes;
}

TEST_F(AnImageFile, SaysWhatStandsBehindThePackedStream) {
  const std::string tar = synthetic::tar_of({{"a", "1"}});
  const auto with_tail = [&](bool zstd, const std::string& tail) {
    ImageSpec spec{{tar}};
    spec.pack = [=](const std::string& bytes) {
      return (zstd ? zstd_of(bytes) : synthetic::gzip_of(bytes)) + tail;
    };
    return problem(spec);
  };
  EXPECT_EQ(with_tail(false, ""), "no error");
  EXPECT_EQ(with_tail(false, std::string(700, '\0')), "no error");
  EXPECT_THAT(with_tail(false, "trailing data"),
              HasSubstr(": 13 bytes after the end of the gzip stream, which are no further one"));
  EXPECT_THAT(with_tail(false, std::string(600'000, 'x')),
              HasSubstr(": 600000 bytes after the end of the gzip"));
  EXPECT_THAT(with_tail(false, std::string(3, '\0') + "xy"), HasSubstr("2 bytes after the end of the gzip"));
  EXPECT_EQ(with_tail(true, ""), "no error");
  EXPECT_NE(with_tail(true, "trailing data"), "no error");
}

TEST_F(AnImageFile, KnowsHowALayerIsPacked) {
  const std::string tar = synthetic::tar_of({{"a", "1"}});
  ImageSpec spec{{tar}};
  EXPECT_EQ(open(spec)->packing(0).value(), Packing::gzip);
  spec.gzip = false;
  EXPECT_EQ(open(spec)->packing(0).value(), Packing::none);
  spec.pack = zstd_of;
  EXPECT_EQ(open(spec)->packing(0).value(), Packing::zstd);
  spec.pack = [](const std::string& bytes) {
    return std::string("\x50\x2a\x4d\x18\0\0\0\0", 8) + zstd_of(bytes);
  };
  EXPECT_EQ(open(spec)->packing(0).value(), Packing::zstd);
  EXPECT_EQ(packing_of(""), Packing::none);
  EXPECT_EQ(packing_of("BZh91"), Packing::bzip2);
}

TEST(MediaTypes, SayHowALayerIsPacked) {
  EXPECT_EQ(packing_by("application/vnd.oci.image.layer.v1.tar+gzip"), Packing::gzip);
  EXPECT_EQ(packing_by("application/vnd.oci.image.layer.v1.tar+zstd"), Packing::zstd);
  EXPECT_EQ(packing_by("application/vnd.oci.image.layer.v1.tar"), Packing::none);
  EXPECT_EQ(packing_by("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"), Packing::gzip);
  EXPECT_EQ(packing_by("application/vnd.docker.image.rootfs.diff.tar.gzip"), Packing::gzip);
  EXPECT_EQ(packing_by("application/vnd.docker.image.rootfs.diff.tar"), Packing::none);
  EXPECT_EQ(packing_by("application/vnd.oci.image.layer.v1.tar+gzip+encrypted"), std::nullopt);
  EXPECT_EQ(packing_by(""), std::nullopt);
}

TEST_F(AnImageFile, NamesTheLayerWhoseDigestIsWrong) {
  ImageSpec spec{{synthetic::tar_of({{"a", "1"}})}};
  spec.diff_ids = {sha256("something else").text()};
  EXPECT_THAT(problem(spec), HasSubstr("its tar's digest (DiffID) is sha256:"));
  ASSERT_TRUE(open({{synthetic::tar_of({{"a", "1"}})}}));
}

TEST_F(AnImageFile, NamesADamagedBlob) {
  const ImageSpec spec{{synthetic::tar_of({{"a", "1"}})}};
  synthetic::write_image(folder(), spec);
  const fs::path blob = packed_layer();
  const std::string whole = read_file(blob).value();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    std::ofstream(blob, std::ios::binary) << damaged;
    const ImageFile file = ImageFile::open(folder(), std::nullopt).value();
    const auto source = file.layer(0, k_limit);
    ASSERT_TRUE(source);
    Result<std::string_view> piece = std::string_view();
    do {
      piece = (*source)->next();
    } while (piece && !piece->empty());
    EXPECT_FALSE(piece) << "byte " << at << " of the blob is wrong, and nobody noticed";
  }
}

TEST_F(AnImageFile, StopsADecompressionBomb) {
  const ImageSpec spec{{synthetic::tar_of({{"a", std::string(3U << 20U, '\0')}})}};
  EXPECT_THAT(problem(spec), HasSubstr("unpacks to more than 1.0 MiB"));
}

TEST_F(AnImageFile, ReadsAnArchiveOfDockerSave) {
  const std::string tar = synthetic::tar_of({{"a", "1"}});
  const std::string config =
      to_line(Json{{"architecture", "amd64"},
                   {"os", "linux"},
                   {"rootfs", {{"type", "layers"}, {"diff_ids", {sha256(tar).text(), sha256(tar).text()}}}}});
  const std::string name = sha256(config).hex() + ".json";
  const Json list =
      Json::array({{{"Config", name}, {"RepoTags", nullptr}, {"Layers", {"x/layer.tar", "y/layer.tar"}}}});
  const fs::path path = m_dir.path() / "saved.tar";
  ASSERT_TRUE(write_file_atomic(path, synthetic::tar_of({{name, config},
                                                         {"x/", "", '5'},
                                                         {"x/layer.tar", tar},
                                                         {"y/layer.tar", "", '2', "../x/layer.tar"},
                                                         {"manifest.json", to_line(list)}})));
  const auto file = ImageFile::open(path, std::nullopt);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_FALSE(file->has_manifest());
  EXPECT_EQ(file->image().config_digest, sha256(config));
  ASSERT_EQ(file->image().layers.size(), 2U);
  const auto source = file->layer(1, k_limit);
  ASSERT_TRUE(source);
  EXPECT_EQ((*source)->next().value(), tar);
  EXPECT_THAT(ImageFile::open(path, "linux/arm64").error().message,
              HasSubstr("holds no image for linux/arm64"));
}

TEST_F(AnImageFile, EndsItsThreadWhenNobodyReadsOn) {
  const ImageSpec spec{{synthetic::tar_of({{"a", std::string(20U << 20U, 'x')}})}};
  const auto file = open(spec);
  ASSERT_TRUE(file);
  for (int i = 0; i < 20; ++i) {
    const auto source = file->layer(0, Bytes{1ULL << 30U});
    ASSERT_TRUE(source);
    EXPECT_TRUE((*source)->next());
  }
}

}  // namespace
}  // namespace buildlab::image
