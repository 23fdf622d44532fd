#include "framework/context/manifest.h"

#include <sys/stat.h>
#include <sys/xattr.h>

#include "framework/base/digest.h"
#include "tests/unit/context/folder_fixture.h"

namespace buildlab::context {
namespace {

using TheManifest = FolderTest;

TEST_F(TheManifest, TellsTypeModeContentAndAttributesOfWhatTheBuilderGets) {
  write("Dockerfile", "FROM scratch\n");
  write(".dockerignore", "Dockerfile\n.dockerignore\nleft/out\n");
  write("src/run.sh", "echo\n");
  write("left/out", "x");
  fs::create_symlink("run.sh", source() / "src/link");
  ASSERT_EQ(::chmod((source() / "src/run.sh").c_str(), 0750), 0);
  ASSERT_EQ(::chmod((source() / "src").c_str(), 0755), 0);
  const bool attributes = ::setxattr((source() / "src/run.sh").c_str(), "user.note", "x", 1, 0) == 0;

  const auto manifest = read_manifest(source(), "Dockerfile");
  ASSERT_TRUE(manifest) << manifest.error().message;
  ManifestEntry script{'f', 0750, sha256("echo\n").hex(), {}};
  if (attributes) script.attributes["user.note"] = sha256("x").hex();
  EXPECT_EQ(manifest->at("src/run.sh"), script);
  EXPECT_EQ(manifest->at("src/link"), (ManifestEntry{'l', 0, sha256("run.sh").hex(), {}}));
  EXPECT_EQ(manifest->at("src"), (ManifestEntry{'d', 0755, "", {}}));
  for (const char* path : {"Dockerfile", ".dockerignore", "left/out"})
    EXPECT_EQ(manifest->count(path), 0U) << path;
}

}  // namespace
}  // namespace buildlab::context
