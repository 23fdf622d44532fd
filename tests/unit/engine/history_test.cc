#include "framework/engine/history.h"

#include <gtest/gtest.h>

namespace buildlab::engine {
namespace {

// Shortened from v0.32.2.
const std::string k_digest = "sha256:bd3ff8bc17219319ac46d4ecd1d37e68d796326a68bbb98efefbca3c397f27e1";
const std::string k_attestations =
    R"("Attestations":[{"media_type":"application/vnd.in-toto+json","digest":")" + k_digest +
    R"(","size":7467,"annotations":{"in-toto.io/predicate-type":"https://slsa.dev/provenance/v1"}}])";

TEST(ProvenanceBlobs, AreFoundByTheBuildsReference) {
  const std::string one = R"({"type":1,"record":{"Ref":"one","Result":{)" + k_attestations + "}}}";
  const std::string failed = R"({"type":1,"record":{"Ref":"failed","error":{"code":2}}})";
  const std::string running = R"({"type":0,"record":{"Ref":"running","Result":{}}})";
  const auto blobs = provenance_blobs(failed + "\n" + one + "\n" + running + "\n");
  ASSERT_TRUE(blobs) << blobs.error().message;
  ASSERT_EQ(blobs->size(), 1U);
  EXPECT_EQ(blobs->at("one").text(), k_digest);
}

TEST(ProvenanceBlobs, OfSeveralPlatformsLieBesideTheResult) {
  const auto blobs = provenance_blobs(R"({"type":1,"record":{"Ref":"r","Results":{"linux/amd64":{)" +
                                      k_attestations + "}}}}");
  ASSERT_TRUE(blobs);
  EXPECT_EQ(blobs->at("r").text(), k_digest);
}

TEST(ProvenanceBlobs, OfOtherKindsAreNotTaken) {
  const auto blobs = provenance_blobs(
      R"({"record":{"Ref":"r","Result":{"Attestations":[{"digest":"sha256:0","annotations":{"in-toto.io/predicate-type":"https://spdx.dev/Document"}},{"digest":"x"}]}}})");
  ASSERT_TRUE(blobs);
  EXPECT_TRUE(blobs->empty());
}

TEST(ProvenanceBlobs, RefuseWhatTheDaemonWouldNotWrite) {
  EXPECT_FALSE(provenance_blobs("{\"record\":{"));
  EXPECT_FALSE(provenance_blobs(
      R"({"record":{"Ref":"r","Result":{"Attestations":[{"digest":"../x","annotations":{"in-toto.io/predicate-type":"https://slsa.dev/provenance/v1"}}]}}})"));
  EXPECT_FALSE(provenance_blobs(R"({"record":{"Ref":5,"Result":{)" + k_attestations + "}}}"));
  EXPECT_TRUE(provenance_blobs("")->empty());
}

TEST(ProvenancePredicate, IsTakenOutOfAStatement) {
  EXPECT_EQ(provenance_predicate(R"({"_type":"x","predicateType":"y","predicate":{"a":1}})").value(),
            R"({"a":1})");
  EXPECT_EQ(provenance_predicate(R"({"buildDefinition": {}})").value(), R"({"buildDefinition": {}})");
  EXPECT_FALSE(provenance_predicate("[]"));
  EXPECT_FALSE(provenance_predicate("{"));
}

}  // namespace
}  // namespace buildlab::engine
