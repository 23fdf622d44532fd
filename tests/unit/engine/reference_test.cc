#include "framework/engine/reference.h"

#include <gtest/gtest.h>

namespace buildlab::engine {
namespace {

TEST(ImageReference, IsCompletedAsBuildKitDoes) {
  const std::pair<const char*, const char*> names[] = {
      {"debian", "docker.io/library/debian:latest"},
      {"debian:bookworm-slim", "docker.io/library/debian:bookworm-slim"},
      {"grafana/k6:1.2", "docker.io/grafana/k6:1.2"},
      {"docker.io/debian:x", "docker.io/library/debian:x"},
      {"localhost/a", "localhost/a:latest"},
      {"localhost:5000/a/b:V1_x", "localhost:5000/a/b:V1_x"},
      {"ghcr.io/a/b", "ghcr.io/a/b:latest"},
  };
  for (const auto& [text, canonical] : names) {
    const auto reference = parse_reference(text);
    ASSERT_TRUE(reference) << text;
    EXPECT_EQ(reference->canonical(), canonical);
  }
}

TEST(ImageReference, KeepsADigest) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  EXPECT_EQ(parse_reference("debian@" + digest)->canonical(), "docker.io/library/debian@" + digest);
  EXPECT_EQ(parse_reference("debian:x@" + digest)->canonical(), "docker.io/library/debian:x@" + digest);
}

TEST(ImageReference, RefusesWhatIsNone) {
  for (const char* text :
       {"", "scratch", "Debian", "a b", "a:", "a@sha256:1", "/a", "a/", "$BASE", "a:b\nRUN x", "x y/z"}) {
    EXPECT_FALSE(parse_reference(text)) << text;
  }
}

TEST(DebianSuite, IsOnlyWhatCanBeMadeLocally) {
  const auto suite = [](const char* text) { return debian_suite(*parse_reference(text)); };
  EXPECT_EQ(suite("debian:bookworm-slim"), "bookworm");
  EXPECT_EQ(suite("docker.io/library/debian:trixie"), "trixie");
  for (const char* text :
       {"debian", "debian:latest", "debian:12", "debian:12-slim", "debian:bookworm-20250101", "ubuntu:noble",
        "ghcr.io/library/debian:bookworm", "other/debian:bookworm", "debian:-slim"}) {
    EXPECT_EQ(suite(text), std::nullopt) << text;
  }
}

TEST(ResolvedDigest, IsReadFromTheVertexOfTheBase) {
  const std::string digest = "sha256:" + std::string(64, 'b');
  const std::string progress =
      R"({"vertexes":[{"name":"[internal] load metadata for docker.io/library/debian:x"}]})"
      "\n"
      R"({"vertexes":[{"name":"[1/1] FROM docker.io/library/debian:x@)" +
      digest + R"("}]})";
  EXPECT_EQ(resolved_digest(progress, "docker.io/library/debian:x")->text(), digest);
  EXPECT_FALSE(resolved_digest(progress, "docker.io/library/debian:y"));
  EXPECT_FALSE(resolved_digest("FROM docker.io/library/debian:x@sha256:12", "docker.io/library/debian:x"));
}

}  // namespace
}  // namespace buildlab::engine
