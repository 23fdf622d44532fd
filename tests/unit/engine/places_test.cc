#include "framework/engine/places.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "environment.h"
#include "framework/base/file.h"
#include "framework/engine/toolchain.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;

TEST(CacheFolder, FollowsItsVariablesInOrder) {
  const ScopedVariable home("HOME", "/h");
  const ScopedVariable xdg("XDG_CACHE_HOME", nullptr);
  const ScopedVariable own("BUILDLAB_CACHE", nullptr);
  EXPECT_EQ(cache_folder(), "/h/.cache/buildlab");
  {
    const ScopedVariable given("XDG_CACHE_HOME", "/x");
    EXPECT_EQ(cache_folder(), "/x/buildlab");
    const ScopedVariable mine("BUILDLAB_CACHE", "/b");
    EXPECT_EQ(cache_folder(), "/b");
  }
  const ScopedVariable relative("XDG_CACHE_HOME", "not/absolute");
  EXPECT_EQ(cache_folder(), "/h/.cache/buildlab");
}

TEST(RuntimeFolder, IsMadePrivate) {
  const auto dir = TempDir::create(fs::temp_directory_path(), "bl-");
  const ScopedVariable xdg("XDG_RUNTIME_DIR", dir->path().c_str());
  const auto folder = runtime_folder();
  ASSERT_TRUE(folder);
  EXPECT_EQ(folder->parent_path(), dir->path());
  struct stat info {};
  ASSERT_EQ(::stat(folder->c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
  ASSERT_EQ(::chmod(folder->c_str(), 0755), 0);
  ASSERT_TRUE(runtime_folder());
  ASSERT_EQ(::stat(folder->c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
}

TEST(RuntimeFolder, IsRefusedAsALinkAndAsSomebodyElses) {
  const auto dir = TempDir::create(fs::temp_directory_path(), "bl-");
  const ScopedVariable xdg("XDG_RUNTIME_DIR", dir->path().c_str());
  const fs::path folder = dir->path() / ("buildlab-" + std::to_string(::geteuid()));
  fs::create_directory(dir->path() / "elsewhere");
  fs::create_directory_symlink(dir->path() / "elsewhere", folder);
  EXPECT_FALSE(runtime_folder());
  fs::remove(folder);
  fs::create_directory(folder);
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(folder.c_str(), 12345, 12345), 0);
    EXPECT_FALSE(runtime_folder());
  }
}

TEST(RuntimeFolder, LeavesAFolderTooLongForSockets) {
  const auto dir = TempDir::create(fs::temp_directory_path(), "bl-");
  const fs::path deep = dir->path() / std::string(80, 'd');
  fs::create_directory(deep);
  const ScopedVariable xdg("XDG_RUNTIME_DIR", deep.c_str());
  const auto folder = runtime_folder();
  ASSERT_TRUE(folder);
  EXPECT_EQ(folder->parent_path(), "/tmp");
}

}  // namespace
}  // namespace buildlab::engine
