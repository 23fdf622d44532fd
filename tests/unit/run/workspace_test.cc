#include "framework/run/workspace.h"

#include <gtest/gtest.h>

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;

TEST(Workspace, SweepLeavesWhatIsInUseAndRemovesTheRest) {
  const auto store = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  const auto living = Workspace::create(store->path(), "app.first");
  ASSERT_TRUE(living);
  const fs::path dead = store->path() / "tmp" / "app.second-x";
  ASSERT_TRUE(write_file_atomic(dead / "lock", ""));
  ASSERT_TRUE(write_file_atomic(dead / "context" / "file", "x"));
  ASSERT_TRUE(Workspace::sweep(store->path()));
  EXPECT_TRUE(fs::exists(living->path()));
  EXPECT_FALSE(fs::exists(dead));
}

TEST(Workspace, IsGoneAtTheEndOfItsLife) {
  const auto store = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  fs::path path;
  {
    const auto workspace = Workspace::create(store->path(), "x");
    path = workspace->path();
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(Workspace, NothingToSweepIsNoError) {
  EXPECT_TRUE(Workspace::sweep(fs::temp_directory_path() / "buildlab-test-there-is-none"));
}

}  // namespace
}  // namespace buildlab::run
