#include "framework/engine/build_output.h"

#include <gtest/gtest.h>

namespace buildlab::engine {
namespace {

TEST(BuildOutput, DividesTheStreamAndKeepsItsBytes) {
  const auto dir = TempDir::create(std::filesystem::temp_directory_path(), "buildlab-test-");
  auto output = BuildOutput::create(dir->path() / "p", dir->path() / "m", Redactor());
  ASSERT_TRUE(output);
  EXPECT_EQ(output->take(R"({"vertexes":[] , "x": "\u00e9"})"), R"({"vertexes":[] , "x": "\u00e9"})");
  EXPECT_EQ(output->take("Dockerfile:3"), "");
  EXPECT_EQ(output->take(""), "");
  EXPECT_EQ(output->take("{\"cut"), "{\"cut");
  EXPECT_EQ(output->take("error: https://u:p@h \xff"), "");
  EXPECT_EQ(read_file(dir->path() / "p").value(), "{\"vertexes\":[] , \"x\": \"\\u00e9\"}\n{\"cut\n");
  EXPECT_EQ(read_file(dir->path() / "m").value(), "Dockerfile:3\n\nerror: https://***@h \xff\n");
  EXPECT_EQ(output->message_tail(), "Dockerfile:3\n\nerror: https://***@h \xff\n");
  EXPECT_TRUE(output->status());
}

TEST(BuildOutput, TellsAFullDisk) {
  auto output = BuildOutput::create("/dev/full", "/dev/null", Redactor());
  ASSERT_TRUE(output);
  output->take("{}");
  ASSERT_FALSE(output->status());
  EXPECT_NE(output->status().error().message.find("No space left"), std::string::npos);
}

}  // namespace
}  // namespace buildlab::engine
