#include "framework/engine/local_base.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "environment.h"
#include "framework/base/file.h"
#include "framework/base/json.h"

namespace buildlab::engine {
namespace {

Layer layer() {
  return {.blob = sha256("compressed"), .content = sha256("tar"), .size = 123};
}

TEST(LocalBaseImage, IsDescribedByItsLayerAndNothingOfTheDay) {
  const LocalBase base{.suite = "bookworm", .architecture = "arm64", .authorities = {}};
  const std::string config_text = image_config(base, layer());
  const Json config = *parse_json(config_text, "config");
  EXPECT_EQ(config.at("architecture"), "arm64");
  EXPECT_EQ(config.at("rootfs").at("diff_ids").at(0), sha256("tar").text());
  EXPECT_EQ(config.at("config").at("Env").size(), 1U);
  EXPECT_EQ(config_text, image_config(base, layer()));
  const Json manifest = *parse_json(image_manifest(config_text, layer()), "manifest");
  EXPECT_EQ(manifest.at("config").at("digest"), sha256(config_text).text());
  EXPECT_EQ(manifest.at("config").at("size"), config_text.size());
  EXPECT_EQ(manifest.at("layers").at(0).at("digest"), sha256("compressed").text());
  EXPECT_EQ(manifest.at("layers").at(0).at("size"), 123);
}

TEST(LocalBaseImage, PointsProgramsToTheBundleOnlyWhenTheHostHasAuthorities) {
  const LocalBase base{.suite = "bookworm", .architecture = "amd64", .authorities = {"/a.crt"}};
  const Json config = *parse_json(image_config(base, layer()), "config");
  EXPECT_THAT(config.at("config").at("Env").get<std::vector<std::string>>(),
              testing::IsSupersetOf({"SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
                                     "NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt",
                                     "PIP_CERT=/etc/ssl/certs/ca-certificates.crt",
                                     "REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt"}));
}

TEST(LocalBaseStorage, IsAnotherForOtherAuthoritiesAndArchitectures) {
  const auto dir = TempDir::create(std::filesystem::temp_directory_path(), "buildlab-test-");
  const ScopedVariable cache("BUILDLAB_CACHE", dir->path().c_str());
  ASSERT_TRUE(write_file_atomic(dir->path() / "a.crt", "a"));
  ASSERT_TRUE(write_file_atomic(dir->path() / "b.crt", "b"));
  const auto none = local_base_storage("amd64", {}).value();
  const auto a = local_base_storage("amd64", {dir->path() / "a.crt"}).value();
  EXPECT_NE(none, a);
  EXPECT_NE(a, local_base_storage("amd64", {dir->path() / "b.crt"}).value());
  EXPECT_NE(a, local_base_storage("arm64", {dir->path() / "a.crt"}).value());
  EXPECT_EQ(a, local_base_storage("amd64", {dir->path() / "a.crt"}).value());
  EXPECT_FALSE(local_base_storage("amd64", {dir->path() / "none.crt"}));
}

}  // namespace
}  // namespace buildlab::engine
