#include "framework/network/target.h"

#include <gtest/gtest.h>

#include "tests/unit/network/digests.h"

namespace buildlab::network {
namespace {

const std::string k_digest_of_a = digest('a');

TEST(Target, KnowsThePathsOfTheProtocol) {
  const Target manifest = parse_target("/v2/buildlab/cache/manifests/primed");
  EXPECT_EQ(manifest.path_class, PathClass::manifest);
  EXPECT_EQ(manifest.repository, "buildlab/cache");
  EXPECT_EQ(manifest.reference, "primed");
  EXPECT_EQ(manifest.digest, "");
  EXPECT_EQ(parse_target("/v2/a/manifests/" + k_digest_of_a).digest, k_digest_of_a);
  const Target blob = parse_target("/v2/a/b/c/blobs/" + k_digest_of_a + "?ns=x");
  EXPECT_EQ(blob.path_class, PathClass::blob);
  EXPECT_EQ(blob.repository, "a/b/c");
  EXPECT_EQ(blob.digest, k_digest_of_a);
  EXPECT_EQ(blob.path, "/v2/a/b/c/blobs/" + k_digest_of_a);
}

TEST(Target, KnowsAnUploadByItsNameAndDigest) {
  const Target begun = parse_target("/v2/a/blobs/uploads/");
  EXPECT_EQ(begun.path_class, PathClass::upload);
  EXPECT_EQ(begun.repository, "a");
  EXPECT_EQ(begun.upload, "");
  const Target ended =
      parse_target("/v2/a/blobs/uploads/1f-2e?_state=x&digest=sha256%3A" + std::string(64, 'a') + "&y=1");
  EXPECT_EQ(ended.upload, "1f-2e");
  EXPECT_EQ(ended.digest, k_digest_of_a);
}

TEST(Target, TakesNothingElseForThem) {
  for (const std::string& text :
       {std::string("/"), std::string("/v2/"), std::string("/v1/a/blobs/" + k_digest_of_a),
        std::string("/v2/manifests/x"), std::string("/v2/a/blobs/latest"),
        std::string("/v2/a/blobs/" + k_digest_of_a + "0"), std::string("/v2/a/manifests/"),
        std::string("/v2/a/blobs/uploadsx"), "/v2/" + std::string(2000, 'a')}) {
    EXPECT_EQ(parse_target(text).path_class, PathClass::other) << text;
  }
  EXPECT_LE(parse_target("/v2/" + std::string(5000, 'a')).path.size(), 1024U);
  EXPECT_EQ(parse_target("/v2/a/blobs/uploads/u?digest=sha256%3").digest, "");
}

TEST(Location, LeadsBackToTheProxy) {
  const Upstream upstream{"localhost", 5000};
  const auto rewritten = [&](const char* text) { return rewrite_location(text, upstream, "localhost:7"); };
  EXPECT_EQ(rewritten("http://localhost:5000/v2/a/blobs/uploads/u?s=1"),
            "http://localhost:7/v2/a/blobs/uploads/u?s=1");
  EXPECT_EQ(rewritten("http://localhost:5000"), "http://localhost:7");
  EXPECT_EQ(rewritten("/v2/a"), "/v2/a");
  EXPECT_EQ(rewritten("http://localhost:50001/v2/a"), "http://localhost:50001/v2/a");
  EXPECT_EQ(rewritten("https://localhost:5000/v2/a"), "https://localhost:5000/v2/a");
  EXPECT_EQ(rewritten("http://elsewhere/v2/a"), "http://elsewhere/v2/a");
  EXPECT_EQ(rewrite_location("http://r/v2/a", {"r", 80}, "localhost:7"), "http://localhost:7/v2/a");
}

}  // namespace
}  // namespace buildlab::network
