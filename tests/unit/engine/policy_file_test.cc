#include "framework/engine/policy_file.h"

#include <gtest/gtest.h>

#include "framework/base/file.h"
#include "framework/engine/arguments.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;

TEST(PolicyFile, IsThereWhereItIsNeededAndOnlyForItsOwner) {
  const auto dir = TempDir::create(fs::temp_directory_path(), "buildlab-test-");
  ASSERT_TRUE(dir);
  const fs::path path = dir->path() / "policy.json";
  BuildRequest request;
  ASSERT_TRUE(write_policy(request, path));
  EXPECT_FALSE(fs::exists(path));
  request.fetch_server = "127.0.0.1:5999/word";
  ASSERT_TRUE(write_policy(request, path));
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(read_file(path).value_or(""), source_policy({}, request.fetch_server));
  EXPECT_FALSE(write_policy(request, path)) << "a file of others";
  EXPECT_FALSE(write_policy(request, dir->path() / "none" / "policy.json"));
}

}  // namespace
}  // namespace buildlab::engine
