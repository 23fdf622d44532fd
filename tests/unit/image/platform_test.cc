#include "framework/image/platform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/image/oci.h"
#include "tests/unit/image/oci_fixture.h"

namespace buildlab::image {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class OciPlatform : public ::testing::Test {
 protected:
  OciPlatform() : m_dir(TempDir::create(fs::temp_directory_path(), "buildlab-image-").value()) {}

  Result<Image> read(const Layout& layout, const std::vector<Json>& manifests,
                     const std::string& platform) const {
    const fs::path path = m_dir.path() / "image.oci.tar";
    EXPECT_TRUE(write_file_atomic(path, tar(layout.members(manifests))));
    return read_image(path, platform);
  }

  TempDir m_dir;
};

TEST_F(OciPlatform, ChoosesTheManifestOfThePlatform) {
  Layout layout;
  const Json amd = layout.add_image({"amd layer"}, "amd64", "linux/amd64");
  const Json arm = layout.add_image({"arm layer"}, "arm64", "linux/arm64");
  EXPECT_EQ(read(layout, {amd, arm}, "linux/arm64")->manifest_digest.text(), arm["digest"]);
  EXPECT_EQ(read(layout, {amd, arm}, "linux/arm64/v8")->manifest_digest.text(), arm["digest"]);
  EXPECT_EQ(read(layout, {amd, arm}, "linux/amd64")->manifest_digest.text(), amd["digest"]);
}

TEST_F(OciPlatform, LooksIntoNestedIndexes) {
  Layout layout;
  const Json image = layout.add_image({"layer"}, "amd64", "linux/amd64");
  const Json nested = layout.add_index({image});
  EXPECT_EQ(read(layout, {nested}, "linux/amd64")->manifest_digest.text(), image["digest"]);
  Json deep = nested;
  for (int depth = 0; depth < 5; ++depth) deep = layout.add_index({deep});
  const auto refused = read(layout, {deep}, "linux/amd64");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("deeper than 4"));
}

TEST_F(OciPlatform, NeverChoosesAnAttestation) {
  Layout layout;
  Json by_annotation = layout.add_image({"statement"}, "amd64", "linux/amd64");
  by_annotation["annotations"] = {{"vnd.docker.reference.type", "attestation-manifest"}};
  const Json by_platform = layout.add_image({"other statement"}, "unknown", "unknown/unknown");
  const Json image = layout.add_image({"layer"}, "amd64", "linux/amd64");
  EXPECT_EQ(read(layout, {by_annotation, by_platform, image}, "linux/amd64")->manifest_digest.text(),
            image["digest"]);
  const auto none = read(layout, {by_annotation, by_platform}, "linux/amd64");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("holds no image for linux/amd64; it holds no image at all"));
}

TEST_F(OciPlatform, AMissingPlatformIsSaidWithThoseThatAreThere) {
  Layout layout;
  const Json arm = layout.add_image({"arm layer"}, "arm64", "linux/arm64");
  const Json undeclared = layout.add_image({"s390x layer"}, "s390x");
  const auto image = read(layout, {arm, undeclared}, "linux/amd64");
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().message,
              HasSubstr("no image for linux/amd64; it holds linux/arm64, linux/s390x"));
}

TEST_F(OciPlatform, TwoImagesForOnePlatformAreNotGuessedBetween) {
  Layout layout;
  const Json one = layout.add_image({"one"});
  const Json two = layout.add_image({"two"});
  const auto image = read(layout, {one, two}, "linux/amd64");
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().message, HasSubstr("two images for linux/amd64"));
  EXPECT_TRUE(read(layout, {one, one}, "linux/amd64")) << "the same manifest under two tags is one image";
}

TEST_F(OciPlatform, AnIndexThatDeclaresAnotherPlatformThanTheConfigIsRefused) {
  Layout layout;
  const Json image = layout.add_image({"layer"}, "arm64", "linux/amd64");
  const auto read_back = read(layout, {image}, "linux/amd64");
  ASSERT_FALSE(read_back);
  EXPECT_THAT(read_back.error().message,
              AllOf(HasSubstr("declares linux/amd64"), HasSubstr("says linux/arm64")));
}

TEST(Platform, EqualOnesAreEqualInTheirNormalForm) {
  const auto equal = [](const char* a, const char* b) {
    return normal(parse_platform(a).value()) == normal(parse_platform(b).value());
  };
  EXPECT_TRUE(equal("linux/arm64", "linux/arm64/v8"));
  EXPECT_TRUE(equal("linux/aarch64", "linux/arm64"));
  EXPECT_TRUE(equal("Linux/x86_64", "linux/amd64"));
  EXPECT_TRUE(equal("linux/arm", "linux/arm/v7"));
  EXPECT_FALSE(equal("linux/arm/v6", "linux/arm"));
  EXPECT_FALSE(equal("linux/amd64/v2", "linux/amd64"));
  EXPECT_FALSE(parse_platform("linux"));
  EXPECT_FALSE(parse_platform("linux/"));
  EXPECT_FALSE(parse_platform("a/b/c/d"));
}

}  // namespace
}  // namespace buildlab::image
