#include "framework/shim/restore.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "framework/base/file.h"

namespace buildlab::shim {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(LowerFolders, StandInTheMountsOptions) {
  const std::string before = "22 1 254:0 / / rw - ext4 /dev/vda rw,discard\n";
  const auto overlay = [](const std::string& options) {
    return "40 22 0:40 / /b\\040x/rootfs rw,relatime shared:1 - overlay overlay rw," + options + "\n";
  };
  EXPECT_THAT(lower_folders(before + overlay("lowerdir=/s/5/fs:/s/4/fs,upperdir=/s/6/fs,workdir=/s/6/work"),
                            "/b x/rootfs"),
              ElementsAre("/s/5/fs", "/s/4/fs"));
  EXPECT_THAT(lower_folders(overlay("upperdir=/s/6/fs,lowerdir=5/fs:4/fs"), "/b x/rootfs"),
              ElementsAre("/s/5/fs", "/s/4/fs"))
      << "long lists are relative to the snapshots' folder";
  EXPECT_THAT(lower_folders(overlay("lowerdir+=/s/5/fs,lowerdir+=/s/4/fs,upperdir=/s/6/fs"), "/b x/rootfs"),
              ElementsAre("/s/5/fs", "/s/4/fs"));
  EXPECT_THAT(lower_folders(before, "/"), IsEmpty()) << "no overlay";
  EXPECT_THAT(lower_folders(overlay("lowerdir=/s/5/fs"), "/other"), IsEmpty());
  EXPECT_THAT(lower_folders("garbage\n - \n1 - overlay\n", "/"), IsEmpty());
}

// A layer below and the container's root, as an overlay shows it after BuildKit wrote the bundle.
class PutBack : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::create(fs::temp_directory_path(), "restore");
    ASSERT_TRUE(made);
    m_folder.emplace(std::move(*made));
    write(below(), "authorities\n");
    set_time(below(), 1000);
    set_time(below().parent_path(), 2000);
    write(file(), "authorities\n\n# buildkit proxy CA begin\n…");
  }
  fs::path lower() const { return m_folder->path() / "lower"; }
  fs::path root() const { return m_folder->path() / "root"; }
  fs::path below() const { return lower() / "etc/ca.crt"; }
  fs::path file() const { return root() / "etc/ca.crt"; }
  std::optional<Changed> found() const { return find_changed(root(), file(), {m_folder->path(), lower()}); }
  static void write(const fs::path& path, std::string_view text) {
    ASSERT_TRUE(make_directories(path.parent_path()));
    ASSERT_TRUE(write_file_atomic(path, text));
  }
  static void set_time(const fs::path& path, time_t seconds) {
    const timespec times[] = {{seconds, 5}, {seconds, 7}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }
  static timespec time_of(const fs::path& path) {
    struct stat info {};
    EXPECT_EQ(::lstat(path.c_str(), &info), 0);
    return info.st_mtim;
  }

  std::optional<TempDir> m_folder;
};

TEST_F(PutBack, GivesContentAndTimesOfTheLayerBelow) {
  const auto changed = found();
  ASSERT_TRUE(changed);
  ASSERT_TRUE(put_back(*changed));
  EXPECT_EQ(read_file(file()).value(), "authorities\n");
  EXPECT_EQ(time_of(file()).tv_sec, 1000);
  EXPECT_EQ(time_of(file()).tv_nsec, 7);
  EXPECT_EQ(time_of(file().parent_path()).tv_sec, 2000);
}

TEST_F(PutBack, LeavesWhatTheContainerWrote) {
  const auto changed = found();
  ASSERT_TRUE(changed);
  write(file(), "of the container");
  ASSERT_TRUE(put_back(*changed));
  EXPECT_EQ(read_file(file()).value(), "of the container");
  EXPECT_NE(time_of(file()).tv_sec, 1000);
}

TEST_F(PutBack, LeavesTheTimeOfAFolderThatTheContainerChanged) {
  const auto changed = found();
  ASSERT_TRUE(changed);
  write(root() / "etc/another", "");
  ASSERT_TRUE(put_back(*changed));
  EXPECT_EQ(read_file(file()).value(), "authorities\n");
  EXPECT_NE(time_of(file().parent_path()).tv_sec, 2000);
}

TEST_F(PutBack, FollowsNoLinkThatTheContainerLeft) {
  const auto changed = found();
  ASSERT_TRUE(changed);
  write(m_folder->path() / "host", "of the host");
  fs::remove(file());
  fs::create_symlink(m_folder->path() / "host", file());
  ASSERT_TRUE(put_back(*changed));
  EXPECT_EQ(read_file(m_folder->path() / "host").value(), "of the host");
}

TEST_F(PutBack, ChangesNothingWhereTheFileBelowIsAnother) {
  write(below(), "others\n");
  EXPECT_FALSE(found());
  fs::remove(below());
  EXPECT_FALSE(found());
  EXPECT_FALSE(find_changed(root(), m_folder->path() / "host", {lower()})) << "outside of the root";
}

}  // namespace
}  // namespace buildlab::shim
