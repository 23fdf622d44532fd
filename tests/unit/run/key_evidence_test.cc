#include "framework/run/key_evidence.h"

#include <gtest/gtest.h>

namespace buildlab::run {
namespace {

record::Build build_in(const std::string& artifacts) {
  record::Build build;
  build.artifacts = artifacts;
  return build;
}

TEST(LeftKeys, AreHeldUntilTheyAreTaken) {
  LeftKeys left;
  for (const char* artifacts : {"builds/1", "builds/2"})
    left[artifacts] = std::make_shared<const cache_keys::KeyStore>();
  const std::weak_ptr<const cache_keys::KeyStore> held = left["builds/1"];
  EXPECT_NE(take_keys(left, build_in("builds/1")), nullptr);
  EXPECT_TRUE(held.expired()) << "a run of many builds would hold the keys of all of them";
  EXPECT_EQ(take_keys(left, build_in("builds/1")), nullptr);
  EXPECT_EQ(take_keys(left, build_in("builds/3")), nullptr);
  EXPECT_NE(take_keys(left, build_in("builds/2")), nullptr);
}

}  // namespace
}  // namespace buildlab::run
