#include "framework/base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <chrono>
#include <fstream>
#include <thread>

namespace buildlab {
namespace {

namespace fs = std::filesystem;

TEST(AtomicFile, ReplacesTheOldContentAndLeavesNothingBeside) {
  const auto dir = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  ASSERT_TRUE(dir);
  const fs::path path = dir->path() / "sub" / "record.json";
  ASSERT_TRUE(write_file_atomic(path, "one"));
  ASSERT_TRUE(write_file_atomic(path, "two"));
  EXPECT_EQ(read_file(path).value(), "two");
  EXPECT_EQ(std::distance(fs::directory_iterator(path.parent_path()), fs::directory_iterator()), 1);
}

TEST(AtomicFile, FailsWithThePathWhereAFileStandsInPlaceOfAFolder) {
  const auto dir = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  ASSERT_TRUE(write_file_atomic(dir->path() / "file", "x"));
  const auto status = write_file_atomic(dir->path() / "file" / "below", "y");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::infrastructure);
  EXPECT_NE(status.error().message.find("file"), std::string::npos);
}

TEST(RemoveTree, IsNotDisturbedByAnotherThatRemovesTheSame) {
  const auto dir = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  ASSERT_TRUE(dir);
  const fs::path tree = dir->path() / "tree";
  for (int round = 0; round < 8; ++round) {
    for (int i = 0; i < 300; ++i) fs::create_directories(tree / std::to_string(i) / "below");
    Status status;
    std::thread other([&tree] {
      std::error_code ignored;
      fs::remove_all(tree, ignored);
    });
    status = remove_tree(tree).map([](bool) {});
    other.join();
    EXPECT_TRUE(status) << status.error().message;
    EXPECT_FALSE(fs::exists(tree));
  }
}

// A large one, in which they meet many times.
TEST(RemoveTree, IsNotDisturbedByOthersThroughoutALargeTree) {
  TempDir folder = TempDir::create(std::filesystem::temp_directory_path(), "tree").value();
  const std::filesystem::path tree = folder.path() / "large";
  for (int i = 0; i < 200; ++i) {
    const std::filesystem::path inner = tree / std::to_string(i);
    ASSERT_TRUE(make_directories(inner));
    for (int j = 0; j < 10; ++j) std::ofstream(inner / std::to_string(j)) << "x";
  }
  std::vector<Status> statuses(4);
  {
    std::vector<std::jthread> removers;
    for (Status& status : statuses)
      removers.emplace_back([&tree, &status] { status = remove_tree(tree).map([](bool) {}); });
  }
  for (const Status& status : statuses) EXPECT_TRUE(status) << status.error().message;
  EXPECT_FALSE(std::filesystem::exists(tree));
}

TEST(ReadFile, RefusesWhatIsLargerThanTheLimit) {
  const auto dir = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  ASSERT_TRUE(write_file_atomic(dir->path() / "large", std::string(2000, 'x')));
  EXPECT_FALSE(read_file(dir->path() / "large", Bytes{1000}));
  EXPECT_TRUE(read_file(dir->path() / "large", Bytes{2000}));
}

// Setting memory aside for what such a file claims would end the process.
TEST(ReadFile, RefusesASparseFileOfAnySizeAtOnce) {
  const auto dir = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  const fs::path path = dir->path() / "sparse";
  ASSERT_TRUE(write_file_atomic(path, "x"));
  std::error_code code;
  fs::resize_file(path, 1ULL << 42U, code);
  if (code) GTEST_SKIP() << "no sparse file of 4 TiB here: " << code.message();
  const auto content = read_file(path);
  ASSERT_FALSE(content);
  EXPECT_NE(content.error().message.find("larger than"), std::string::npos) << content.error().message;
}

TEST(TempDir, IsPrivateAndGoneAtTheEndOfItsLifeUnlessKept) {
  fs::path gone;
  fs::path kept;
  {
    auto first = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
    auto second = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
    gone = first->path();
    kept = second->keep();
    struct stat info {};
    ASSERT_EQ(::stat(gone.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
  }
  EXPECT_FALSE(fs::exists(gone));
  EXPECT_TRUE(fs::exists(kept));
  EXPECT_TRUE(remove_tree(kept).value());
}

TEST(FileLock, IsExclusiveAndFreeAgainAfterItsHolder) {
  const auto dir = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  const fs::path path = dir->path() / "lock";
  {
    const auto held = FileLock::try_lock(path);
    ASSERT_TRUE(held && held->has_value());
    EXPECT_FALSE(FileLock::try_lock(path)->has_value());
  }
  EXPECT_TRUE(FileLock::try_lock(path)->has_value());
}

TEST(FileLock, GivesUpAWaitWhenAskedToAndSaysOnceThatItWaits) {
  const auto dir = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  const auto held = FileLock::try_lock(dir->path() / "lock");
  int told = 0;
  const auto begin = std::chrono::steady_clock::now();
  const auto give_up = [&] {
    return std::chrono::steady_clock::now() - begin > std::chrono::milliseconds(1200);
  };
  const auto lock = FileLock::lock(dir->path() / "lock", {give_up, [&] { ++told; }});
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().kind, ErrorKind::interrupted);
  EXPECT_EQ(told, 1);
}

// The holder removes the folder with the lock in it; a waiter that kept to the removed file would share what
// it guards with whoever makes the file anew.
TEST(FileLock, IsNeverThatOfARemovedFile) {
  const auto dir = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  const fs::path path = dir->path() / "folder" / "lock";
  for (const bool polls : {false, true}) {
    auto held = FileLock::try_lock(path);
    ASSERT_TRUE(held && held->has_value());
    std::optional<Result<FileLock>> waited;
    std::thread waiter([&] { waited = polls ? FileLock::lock(path, LockWait{}) : FileLock::lock(path); });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ASSERT_TRUE(remove_tree(path.parent_path()));
    held->reset();
    waiter.join();
    ASSERT_TRUE(waited && waited->has_value());
    const auto third = FileLock::try_lock(path);
    ASSERT_TRUE(third);
    EXPECT_FALSE(third->has_value()) << "two holders of one lock";
  }
}

}  // namespace
}  // namespace buildlab
