#include "framework/engine/version.h"

#include <gtest/gtest.h>

namespace buildlab::engine {
namespace {

TEST(Version, IsFoundInWhatProgramsPrint) {
  EXPECT_EQ(version_in("buildkitd github.com/moby/buildkit v0.32.2 abcdef\n"), "v0.32.2");
  EXPECT_EQ(version_in("runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1\nspec: 1.0.2-dev\n"), "1.1.5+ds1");
  EXPECT_EQ(version_in("docker-registry github.com/docker/distribution 2.8.2+ds1"), "2.8.2+ds1");
  EXPECT_EQ(version_in("registry github.com/distribution/distribution/v3 v3.1.2"), "v3.1.2");
  EXPECT_EQ(version_in("no version here"), std::nullopt);
  EXPECT_EQ(version_in(""), std::nullopt);
}

TEST(Version, ComparesByNumbers) {
  EXPECT_LT(version_numbers("v0.9.3"), version_numbers("v0.30"));
  EXPECT_EQ(version_numbers("v0.30"), version_numbers("0.30.0-rc1"));
  EXPECT_GT(version_numbers("v1.0.0"), version_numbers("v0.34.2"));
  EXPECT_EQ(version_numbers("latest"), std::nullopt);
}

}  // namespace
}  // namespace buildlab::engine
