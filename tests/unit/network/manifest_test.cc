#include "framework/network/manifest.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/network/digests.h"

namespace buildlab::network {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::string descriptor(char c, const char* type, int size) {
  return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}}})", type, digest(c), size);
}

TEST(DescribedBlobs, AreThoseOfAnImageManifest) {
  Descriptions known;
  describe_blobs(fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[{},{}]}})",
                             descriptor('a', "application/vnd.buildkit.cacheconfig.v0", 10),
                             descriptor('b', "application/vnd.oci.image.layer.v1.tar+gzip", 20),
                             descriptor('c', "application/vnd.docker.image.rootfs.diff.tar.gzip", 30)),
                 known);
  EXPECT_THAT(known, UnorderedElementsAre(Pair(digest('a'), Described{"config", 10}),
                                          Pair(digest('b'), Described{"layer", 20}),
                                          Pair(digest('c'), Described{"layer", 30})));
}

TEST(DescribedBlobs, AreThoseOfACacheThatIsAnIndex) {
  Descriptions known;
  describe_blobs(fmt::format(R"({{"schemaVersion":2,"manifests":[{},{},{}]}})",
                             descriptor('a', "application/vnd.oci.image.layer.v1.tar+zstd", 10),
                             descriptor('b', "application/vnd.buildkit.cacheconfig.v0", 20),
                             descriptor('c', "application/vnd.oci.image.manifest.v1+json", 30)),
                 known);
  EXPECT_THAT(known, UnorderedElementsAre(Pair(digest('a'), Described{"layer", 10}),
                                          Pair(digest('b'), Described{"config", 20}),
                                          Pair(digest('c'), Described{"manifest", 30})));
}

TEST(DescribedBlobs, AreNoneOfWhatIsNoManifest) {
  Descriptions known;
  for (const char* text :
       {"", "{", "[]", "7", R"({"layers":7})", R"({"layers":[7,{},{"digest":"x","size":1}]})",
        R"({"config":{"digest":"sha256:short","size":1}})"}) {
    describe_blobs(text, known);
  }
  describe_blobs(fmt::format(R"({{"layers":[{{"digest":"{}","size":-1}},{{"digest":"{}"}}]}})", digest('a'),
                             digest('b')),
                 known);
  EXPECT_TRUE(known.empty());
}

TEST(DescribedBlobs, AreLimited) {
  Descriptions known;
  describe_blobs(fmt::format(R"({{"layers":[{},{}]}})", descriptor('a', "x", 1), descriptor('b', "x", 2)),
                 known, 1);
  EXPECT_EQ(known.size(), 1U);
}

}  // namespace
}  // namespace buildlab::network
