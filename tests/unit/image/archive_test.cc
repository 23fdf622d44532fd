#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/image/oci.h"
#include "tests/unit/image/oci_fixture.h"

namespace buildlab::image {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* k_platform = "linux/amd64";

class OciArchive : public ::testing::Test {
 protected:
  OciArchive() : m_dir(TempDir::create(fs::temp_directory_path(), "buildlab-image-").value()) {}

  Result<Image> read(const std::string& bytes) const {
    const fs::path path = m_dir.path() / "image.oci.tar";
    EXPECT_TRUE(write_file_atomic(path, bytes));
    return read_image(path, k_platform);
  }
  Result<Image> read(const std::vector<Member>& members) const { return read(tar(members)); }

  // The message of the error that reading gives; it always names the archive and is of infrastructure.
  template <typename Archive>
  std::string problem(const Archive& archive) const {
    const auto image = read(archive);
    if (image) return "no error";
    EXPECT_EQ(image.error().kind, ErrorKind::infrastructure);
    EXPECT_THAT(image.error().message, HasSubstr("image.oci.tar"));
    return image.error().message;
  }

  static std::vector<Member> whole() {
    Layout layout;
    const Json image = layout.add_image({"base layer", "second layer"});
    return layout.members({image});
  }

  static Member& member(std::vector<Member>& members, const std::string& part) {
    for (Member& candidate : members) {
      if (candidate.content.find(part) != std::string::npos) return candidate;
    }
    throw std::out_of_range(part);
  }

  TempDir m_dir;
};

TEST_F(OciArchive, TellsDigestsSizesAndDiffIds) {
  Layout layout;
  const Json descriptor = layout.add_image({"base layer", "second layer"});
  const auto image = read(layout.members({descriptor}));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->manifest_digest.text(), descriptor["digest"]);
  EXPECT_EQ(image->platform, k_platform);
  ASSERT_EQ(image->layers.size(), 2U);
  EXPECT_EQ(image->layers[0].digest, sha256("base layer"));
  EXPECT_EQ(image->layers[1].diff_id, sha256("uncompressed second layer"));
  EXPECT_EQ(image->layers[1].size, Bytes{12});
  EXPECT_EQ(image->layers[1].media_type, "application/vnd.oci.image.layer.v1.tar+gzip");
  std::uint64_t config_size = 0;
  for (const Member& member : layout.members({descriptor})) {
    if (sha256(member.content) == image->config_digest) config_size = member.content.size();
  }
  EXPECT_GT(config_size, 0U);
  EXPECT_EQ(image->size, Bytes{10 + 12 + config_size});
}

TEST_F(OciArchive, IsReadTheSameAsAFolder) {
  const fs::path folder = m_dir.path() / "layout";
  for (const Member& member : whole()) {
    if (member.type != '0') continue;
    ASSERT_TRUE(write_file_atomic(folder / member.name, member.content));
  }
  const auto from_folder = read_image(folder, k_platform);
  const auto from_archive = read(whole());
  ASSERT_TRUE(from_folder) << from_folder.error().message;
  EXPECT_EQ(from_folder->manifest_digest, from_archive->manifest_digest);
  EXPECT_EQ(from_folder->size, from_archive->size);
}

TEST_F(OciArchive, NamesMayStartWithADot) {
  std::vector<Member> members = whole();
  for (Member& member : members) member.name = "./" + member.name;
  EXPECT_TRUE(read(members));
}

TEST_F(OciArchive, CutAnywhereIsAnErrorAndNeverAnImage) {
  const std::string bytes = tar(whole());
  for (std::size_t size = 0; size < bytes.size(); size += 97) {
    EXPECT_FALSE(read(bytes.substr(0, size))) << size;
  }
  EXPECT_THAT(problem(bytes.substr(0, bytes.size() - 1024)), HasSubstr("cut"));
  EXPECT_THAT(problem(bytes.substr(0, 700)), HasSubstr("cut"));
  EXPECT_THAT(problem(std::string()), HasSubstr("cut"));
}

TEST_F(OciArchive, AFlippedByteInManifestOrConfigIsFound) {
  std::vector<Member> members = whole();
  member(members, "schemaVersion").content.back() = ' ';
  EXPECT_THAT(problem(members), AllOf(HasSubstr("manifest sha256:"), HasSubstr("has another content")));
  members = whole();
  std::string& config = member(members, "diff_ids").content;
  config.replace(config.find("linux"), 5, "linuy");
  EXPECT_THAT(problem(members), AllOf(HasSubstr("config sha256:"), HasSubstr("has another content")));
}

TEST_F(OciArchive, ASizeThatLiesIsFound) {
  Layout layout;
  Json descriptor = layout.add_image({"base layer"});
  descriptor["size"] = descriptor["size"].get<int>() + 1;
  EXPECT_THAT(problem(layout.members({descriptor})), HasSubstr("are declared"));
  std::vector<Member> members = whole();
  member(members, "second layer").content = "shorter";
  EXPECT_THAT(problem(members), AllOf(HasSubstr("layer 2"), HasSubstr("has 7 bytes, but 12 are declared")));
  for (const Json& size : {Json(-1), Json("10"), Json(1.5), Json(nullptr)}) {
    descriptor["size"] = size;
    EXPECT_THAT(problem(layout.members({descriptor})), HasSubstr("no size that is a whole number"));
  }
}

TEST_F(OciArchive, AMissingBlobIsNamed) {
  std::vector<Member> members = whole();
  std::erase_if(members, [](const Member& member) { return member.content == "base layer"; });
  EXPECT_THAT(problem(members),
              AllOf(HasSubstr("no blob for layer 1"), HasSubstr(sha256("base layer").text())));
}

TEST_F(OciArchive, AHugeDeclaredEntryIsRefusedWithoutReadingIt) {
  std::vector<Member> members = whole();
  members.insert(members.begin(), {"blobs/sha256/huge", "x", '0', "", 0777777777777ULL});
  EXPECT_THAT(problem(members), AllOf(HasSubstr("cut"), HasSubstr("blobs/sha256/huge")));
}

TEST_F(OciArchive, AHugeIndexIsRefused) {
  std::vector<Member> members = whole();
  member(members, "\"manifests\"").content.append(9U << 20U, ' ');
  EXPECT_THAT(problem(members), HasSubstr("index.json has 9.0 MiB, more than the 8.0 MiB"));
}

TEST_F(OciArchive, TheSameNameTwiceIsRefused) {
  std::vector<Member> members = whole();
  members.insert(members.begin(), {"index.json", "{}"});
  EXPECT_THAT(problem(members), HasSubstr("holds \"index.json\" twice"));
}

TEST_F(OciArchive, NamesThatLeaveTheLayoutAreRefused) {
  for (const char* name : {"../index.json", "/index.json", "blobs/../../x", "blobs/sha256/.."}) {
    std::vector<Member> members = whole();
    members.push_back({name, "x"});
    EXPECT_THAT(problem(members), HasSubstr("leaves the layout")) << name;
  }
}

TEST_F(OciArchive, LinksInPlaceOfFilesAreRefused) {
  for (const char type : {'1', '2', '3', '6'}) {
    std::vector<Member> members = whole();
    Member& blob = member(members, "base layer");
    blob = {blob.name, "", type, "/etc/passwd"};
    EXPECT_THAT(problem(members), HasSubstr("is no plain file")) << type;
  }
}

TEST_F(OciArchive, LinksInAFolderAreRefused) {
  const fs::path folder = m_dir.path() / "layout";
  for (const Member& member : whole()) {
    if (member.type != '0') continue;
    ASSERT_TRUE(write_file_atomic(folder / member.name, member.content));
  }
  fs::rename(folder / "index.json", folder / "elsewhere");
  fs::create_symlink("elsewhere", folder / "index.json");
  const auto image = read_image(folder, k_platform);
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().message, HasSubstr("\"index.json\" is no plain file"));
}

TEST_F(OciArchive, WhatIsNoArchiveIsSaid) {
  EXPECT_THAT(problem(std::string(4096, 'x')), HasSubstr("is no tar archive"));
  EXPECT_THAT(problem(std::string("\x1f\x8b\x08\0\0\0\0\0", 8) + std::string(2000, 'z')),
              HasSubstr("compressed"));
  EXPECT_THAT(problem(tar({{"hello.txt", "x"}})), HasSubstr("holds no index.json"));
  const auto missing = read_image(m_dir.path() / "none", k_platform);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("No such file"));
  EXPECT_FALSE(read_image("/dev/null", k_platform));
}

TEST_F(OciArchive, JsonOfTheWrongShapeIsNamed) {
  const auto with_index = [](const std::string& content) {
    std::vector<Member> members = whole();
    member(members, "\"manifests\"").content = content;
    return members;
  };
  EXPECT_THAT(problem(with_index("[]")), HasSubstr("index.json is not an object"));
  EXPECT_THAT(problem(with_index("{")), HasSubstr("index.json:1:"));
  EXPECT_THAT(problem(with_index("{}")), HasSubstr("index.json has no array \"manifests\""));
  EXPECT_THAT(problem(with_index(R"({"manifests":[1]})")), HasSubstr("manifests[0] is not an object"));
  EXPECT_THAT(problem(with_index(R"({"manifests":[{"digest":"md5:1","size":1}]})")),
              HasSubstr("manifests[0]"));
  EXPECT_THAT(problem(with_index(R"({"manifests":[]})")), HasSubstr("holds no image at all"));
}

TEST_F(OciArchive, AnImageOfMetadataAloneHasNoLayers) {
  Layout layout;
  const Json config{{"os", "linux"}, {"architecture", "amd64"}, {"rootfs", {{"diff_ids", nullptr}}}};
  const auto image = read(layout.members({layout.add_manifest(config, nullptr, "")}));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_TRUE(image->layers.empty());
}

TEST_F(OciArchive, LayersAndDiffIdsMustPair) {
  Layout layout;
  const Json layer = layout.add("layer", "application/vnd.oci.image.layer.v1.tar");
  Json config{{"os", "linux"}, {"architecture", "amd64"}, {"rootfs", {{"diff_ids", Json::array()}}}};
  Json manifest = layout.add_manifest(config, Json::array({layer}), "");
  EXPECT_THAT(problem(layout.members({manifest})), HasSubstr("1 layers, its config 0 DiffIDs"));
  config["rootfs"]["diff_ids"] = Json::array({"sha256:short"});
  manifest = layout.add_manifest(config, Json::array({layer}), "");
  EXPECT_THAT(problem(layout.members({manifest})), HasSubstr("rootfs.diff_ids[0]"));
  config.erase("rootfs");
  manifest = layout.add_manifest(config, Json::array(), "");
  EXPECT_THAT(problem(layout.members({manifest})), HasSubstr("no rootfs.diff_ids"));
  config["rootfs"]["diff_ids"] = 7;
  manifest = layout.add_manifest(config, Json::array(), "");
  EXPECT_THAT(problem(layout.members({manifest})), HasSubstr("no rootfs.diff_ids"));
}

TEST_F(OciArchive, LayersAreVerifiedByTheirContent) {
  Layout layout;
  const std::string large(700'000, 'l');  // more than is read at once
  const auto members = layout.members({layout.add_image({"base layer", large, ""})});
  const fs::path archive = m_dir.path() / "image.oci.tar";
  const auto image = read(members);
  ASSERT_TRUE(image) << image.error().message;
  Status verified = verify_layers(archive, *image);
  EXPECT_TRUE(verified) << verified.error().message;

  for (const std::size_t at : {std::size_t{0}, large.size() / 2, large.size() - 1}) {
    auto changed = members;
    member(changed, large).content[at] = 'L';
    ASSERT_TRUE(read(changed)) << "sizes and manifests are as they were";
    verified = verify_layers(archive, *image);
    ASSERT_FALSE(verified);
    EXPECT_THAT(verified.error().message, HasSubstr("layer " + sha256(large).text()));
  }
  const fs::path folder = m_dir.path() / "layout";
  for (const Member& file : members) {
    if (file.type == '5') continue;
    ASSERT_TRUE(write_file_atomic(folder / file.name, file.content));
  }
  EXPECT_TRUE(verify_layers(folder, *image));
  ASSERT_TRUE(write_file_atomic(folder / "blobs/sha256" / sha256("base layer").hex(), "Base layer"));
  EXPECT_FALSE(verify_layers(folder, *image));
}

}  // namespace
}  // namespace buildlab::image
