#include "framework/engine/host.h"

#include <gtest/gtest.h>

#include "environment.h"
#include "framework/base/file.h"

namespace buildlab::engine {
namespace {

TEST(Host, TellsFactsAndLeavesNothing) {
  const auto dir = TempDir::create(std::filesystem::temp_directory_path(), "buildlab-test-");
  const ScopedVariable cache("BUILDLAB_CACHE", (dir->path() / "c").c_str());
  const HostFacts facts = look_at_host();
  EXPECT_GE(facts.cores, 1);
  EXPECT_FALSE(facts.kernel.empty());
  EXPECT_EQ(facts.cache, dir->path() / "c");
  ASSERT_TRUE(facts.disk_free);
  EXPECT_GT(facts.disk_free->count, 0U);
  EXPECT_TRUE(facts.clock_plausible);
  std::error_code code;
  EXPECT_TRUE(std::filesystem::is_empty(dir->path() / "c" / "scratch", code));
}

TEST(Host, FindsOnlyWhatPathHolds) {
  const auto dir = TempDir::create(std::filesystem::temp_directory_path(), "buildlab-test-");
  const ScopedVariable cache("BUILDLAB_CACHE", dir->path().c_str());
  const auto igzip = dir->path() / "bin" / "igzip";
  ASSERT_TRUE(write_file_atomic(igzip, "#!/bin/sh\n"));
  std::filesystem::permissions(igzip, std::filesystem::perms::owner_all);
  const ScopedVariable path("PATH", igzip.parent_path().c_str());
  const HostFacts facts = look_at_host();
  EXPECT_EQ(facts.decompressor, igzip);
  EXPECT_EQ(facts.docker, std::nullopt);
  EXPECT_FALSE(facts.docker_buildx);
  ASSERT_TRUE(facts.overlay_failure);  // no unshare there
  EXPECT_NE(facts.overlay_failure->find("unshare"), std::string::npos);
}

}  // namespace
}  // namespace buildlab::engine
