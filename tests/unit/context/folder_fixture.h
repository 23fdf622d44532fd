// A source folder, a place for its copy, and words to look at both.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "framework/base/file.h"
#include "framework/context/copy.h"

namespace buildlab::context {

namespace fs = std::filesystem;

class FolderTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::create(fs::temp_directory_path(), "context");
    ASSERT_TRUE(made);
    m_temp.emplace(std::move(*made));
    ASSERT_TRUE(make_directories(source()));
    write("Dockerfile", "FROM scratch\n");
  }

  fs::path source() const { return m_temp->path() / "source"; }
  fs::path copy() const { return m_temp->path() / "copy"; }

  void write(const std::string& name, std::string_view text) {
    ASSERT_TRUE(make_directories((source() / name).parent_path()));
    ASSERT_TRUE(write_file_atomic(source() / name, text));
  }
  static std::string read(const fs::path& path) { return read_file(path).value_or("nothing"); }

  ContextCopy refreshed(std::vector<fs::path> exclude = {}) {
    auto made = refresh_copy({source(), "Dockerfile", std::move(exclude)}, copy());
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made ? std::move(*made) : ContextCopy{{}, sha256(""), 0, 0, {}};
  }

  // Until file times of now can be told from those of before.
  static void let_times_pass() { std::this_thread::sleep_for(std::chrono::milliseconds(60)); }

  static std::vector<std::string> tree(const fs::path& root) {
    std::vector<std::string> paths;
    for (const auto& entry : fs::recursive_directory_iterator(root))
      paths.push_back(entry.path().lexically_relative(root).string());
    std::sort(paths.begin(), paths.end());
    return paths;
  }
  static struct stat info(const fs::path& path) {
    struct stat found {};
    EXPECT_EQ(::lstat(path.c_str(), &found), 0) << path;
    return found;
  }
  static std::int64_t mtime_ns(const fs::path& path) {
    const struct stat found = info(path);
    return found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec;
  }

  std::optional<TempDir> m_temp;
};

}  // namespace buildlab::context
