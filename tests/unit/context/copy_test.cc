#include "framework/context/copy.h"

#include <sys/xattr.h>
#include <algorithm>

#include "tests/unit/context/folder_fixture.h"

namespace buildlab::context {
namespace {

using testing::ElementsAre;

using Copy = FolderTest;

TEST_F(Copy, EqualsTheSourceInContentModesTimesAndLinks) {
  write("src/run.sh", "#!/bin/sh\n");
  write("src/sub/a", "a");
  fs::create_directory(source() / "empty");
  fs::create_symlink("../nowhere", source() / "src/link");
  fs::create_hard_link(source() / "src/sub/a", source() / "b");
  ASSERT_EQ(::chmod((source() / "src/run.sh").c_str(), 04755), 0);
  ASSERT_EQ(::chmod((source() / "src/sub").c_str(), 0555), 0);
  const bool attributes = ::setxattr((source() / "b").c_str(), "user.note", "x", 1, 0) == 0;

  const ContextCopy made = refreshed();
  EXPECT_EQ(made.files, 4U);
  EXPECT_EQ(tree(copy()), tree(source()));
  for (const std::string& path : tree(source())) {
    SCOPED_TRACE(path);
    EXPECT_EQ(info(copy() / path).st_mode, info(source() / path).st_mode);
    EXPECT_EQ(mtime_ns(copy() / path), mtime_ns(source() / path));
    if (fs::is_regular_file(fs::symlink_status(copy() / path))) {
      EXPECT_EQ(read(copy() / path), read(source() / path));
      EXPECT_NE(info(copy() / path).st_ino, info(source() / path).st_ino);
      EXPECT_EQ(info(copy() / path).st_nlink, 1U);
    }
  }
  EXPECT_EQ(fs::read_symlink(copy() / "src/link"), "../nowhere");
  if (attributes) {
    char value = 0;
    EXPECT_EQ(::getxattr((copy() / "b").c_str(), "user.note", &value, 1), 1);
    EXPECT_EQ(value, 'x');
  }
  ::chmod((source() / "src/sub").c_str(), 0755);
}

TEST_F(Copy, ASecondCallLeavesUnchangedFilesAlone) {
  write("a", "a");
  let_times_pass();
  const ContextCopy first = refreshed();
  const auto inode = info(copy() / "a").st_ino;
  const auto changed = info(copy() / "a").st_ctim;
  const ContextCopy second = refreshed();
  EXPECT_EQ(info(copy() / "a").st_ino, inode);
  EXPECT_EQ(info(copy() / "a").st_ctim.tv_nsec, changed.tv_nsec);
  EXPECT_EQ(first.digest, second.digest);
}

TEST_F(Copy, FollowsEveryChangeOfTheSource) {
  write("changed", "1");
  write("gone/file", "x");
  write("file-to-folder", "x");
  write("folder-to-file/x", "x");
  let_times_pass();
  const ContextCopy before = refreshed();
  write("changed", "2");
  fs::remove_all(source() / "gone");
  fs::remove(source() / "file-to-folder");
  write("file-to-folder/y", "y");
  fs::remove_all(source() / "folder-to-file");
  write("folder-to-file", "z");
  const ContextCopy after = refreshed();
  EXPECT_EQ(tree(copy()), tree(source()));
  EXPECT_EQ(read(copy() / "changed"), "2");
  EXPECT_EQ(read(copy() / "folder-to-file"), "z");
  EXPECT_NE(before.digest, after.digest);
}

// Same size and same time: only the change time of the inode tells.
TEST_F(Copy, SeesAnEditThatHidesItsTime) {
  write("a", "1");
  let_times_pass();
  refreshed();
  const auto time = fs::last_write_time(source() / "a");
  write("a", "2");
  fs::last_write_time(source() / "a", time);
  refreshed();
  EXPECT_EQ(read(copy() / "a"), "2");
}

TEST_F(Copy, TakesBackWhatWasDoneToTheCopy) {
  write("a", "1");
  write("b/c", "1");
  let_times_pass();
  const ContextCopy first = refreshed();
  const auto time = fs::last_write_time(copy() / "a");
  ASSERT_TRUE(write_file_atomic(copy() / "a", "x"));
  fs::last_write_time(copy() / "a", time);
  fs::remove_all(copy() / "b");
  fs::create_directory_symlink("/", copy() / "b");
  ASSERT_TRUE(write_file_atomic(copy() / "new", "x"));
  const ContextCopy second = refreshed();
  EXPECT_EQ(tree(copy()), tree(source()));
  EXPECT_EQ(read(copy() / "a"), "1");
  EXPECT_EQ(read(copy() / "b/c"), "1");
  EXPECT_EQ(first.digest, second.digest);
}

TEST_F(Copy, DigestKnowsContentPathAndModeButNoTimes) {
  write("a", "1");
  const Digest first = refreshed().digest;
  fs::last_write_time(source() / "a", fs::file_time_type::clock::now() - std::chrono::hours(5));
  EXPECT_EQ(refreshed().digest, first);
  ASSERT_EQ(::chmod((source() / "a").c_str(), 0600), 0);
  const Digest with_mode = refreshed().digest;
  EXPECT_NE(with_mode, first);
  fs::rename(source() / "a", source() / "b");
  EXPECT_NE(refreshed().digest, with_mode);
}

TEST_F(Copy, HonoursDockerignoreButKeepsItAndTheDockerfile) {
  write(".dockerignore", "*\n!src/*.c\n");
  write("src/a.c", "");
  write("src/a.h", "");
  write("other/a.c", "");
  refreshed();
  EXPECT_THAT(tree(copy()), ElementsAre(".dockerignore", "Dockerfile", "src", "src/a.c"));
}

TEST_F(Copy, TheDockerfilesOwnIgnoreFileWins) {
  write("docker/app.Dockerfile", "FROM scratch\n");
  write("docker/app.Dockerfile.dockerignore", "**\n!b\n");
  write(".dockerignore", "b\n");
  write("a", "");
  write("b", "");
  ASSERT_TRUE(refresh_copy({source(), "docker/app.Dockerfile", {}}, copy()));
  EXPECT_THAT(tree(copy()), ElementsAre(".dockerignore", "b", "docker", "docker/app.Dockerfile",
                                        "docker/app.Dockerfile.dockerignore"));
}

TEST_F(Copy, LeavesOutGivenFoldersAndItselfAndSaysSo) {
  write("build/x", "");
  write("a", "");
  const fs::path inside = source() / "store/copy";
  const auto made = refresh_copy({source(), "Dockerfile", {source() / "build", "/elsewhere"}}, inside);
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(refresh_copy({source(), "Dockerfile", {source() / "build"}}, inside));
  EXPECT_THAT(tree(inside), ElementsAre("Dockerfile", "a", "store"));
  EXPECT_THAT(made->left_out, ElementsAre("build"));
}

TEST_F(Copy, ADamagedIndexOnlyCostsTime) {
  write("a", "1");
  const Digest first = refreshed().digest;
  ASSERT_TRUE(write_file_atomic(copy().string() + ".index", "build-lab copy index 1 x\nf 0 garbage"));
  EXPECT_EQ(refreshed().digest, first);
}

TEST_F(Copy, SpecialFilesComeAsWhatTheyAre) {
  ASSERT_EQ(::mknod((source() / "pipe").c_str(), S_IFIFO | 0640, 0), 0);
  ASSERT_EQ(::mknod((source() / "socket").c_str(), S_IFSOCK | 0600, 0), 0);
  const Digest both = refreshed().digest;
  struct stat info {};
  ASSERT_EQ(::lstat((copy() / "pipe").c_str(), &info), 0);
  EXPECT_TRUE(S_ISFIFO(info.st_mode));
  EXPECT_EQ(info.st_mode & 0777U, 0640U);
  ASSERT_EQ(::lstat((copy() / "socket").c_str(), &info), 0);
  EXPECT_TRUE(S_ISSOCK(info.st_mode));
  EXPECT_EQ(refreshed().digest, both);

  fs::remove(source() / "socket");
  write("socket", "a file now");
  EXPECT_NE(refreshed().digest, both);
  EXPECT_EQ(read(copy() / "socket"), "a file now");
  fs::remove(source() / "pipe");
  refreshed();
  EXPECT_FALSE(fs::exists(copy() / "pipe"));
}

TEST_F(Copy, AMissingContextIsAUsageError) {
  const auto made = refresh_copy({source() / "none", "Dockerfile", {}}, copy());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::usage);
}

// Printed for people; the bound is wide because tests share the machine.
TEST_F(Copy, AThousandUnchangedFilesCostLittle) {
  for (int i = 0; i < 1000; ++i)
    write("d" + std::to_string(i % 20) + "/f" + std::to_string(i), std::string(2000, 'x'));
  let_times_pass();
  refreshed();
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    refreshed();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  RecordProperty("best_seconds", std::to_string(best));
  std::printf("1,000 unchanged files: %.1f ms\n", best * 1e3);
  EXPECT_LT(best, 0.5);
}

}  // namespace
}  // namespace buildlab::context
