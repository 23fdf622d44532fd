// Files beside what BuildKit v0.32.2's own parser said of them (tests/data/dockerfile/README.md).
#include <gtest/gtest.h>
#include <filesystem>

#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/dockerfile/dockerfile.h"

namespace buildlab::dockerfile {
namespace {

namespace fs = std::filesystem;

Json as_json(const Instruction& instruction) {
  return {{"keyword", to_lower(instruction.keyword)},
          {"first", instruction.lines.first},
          {"last", instruction.lines.last},
          {"flags", instruction.flags},
          {"heredocs", instruction.heredocs}};
}

Json as_json(const Dockerfile& file) {
  Json all = Json::array();
  for (const Instruction& instruction : file.global_arguments) all.push_back(as_json(instruction));
  for (const Stage& stage : file.stages) {
    all.push_back(as_json(stage.from));
    for (const Instruction& instruction : stage.instructions) all.push_back(as_json(instruction));
  }
  return all;
}

TEST(Recorded, InstructionsFlagsHeredocsAndLinesAreBuildKits) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(BUILDLAB_TEST_DATA "/dockerfile")) {
    if (entry.path().extension() != ".Dockerfile") continue;
    SCOPED_TRACE(entry.path().filename().string());
    const auto text = read_file(entry.path());
    ASSERT_TRUE(text);
    const auto expected = load_json(fs::path(entry.path()).replace_extension(".json"));
    ASSERT_TRUE(expected) << expected.error().message;
    const auto file = parse_dockerfile(*text, "Dockerfile");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(to_line(as_json(*file)), to_line(*expected));
    ++files;
  }
  EXPECT_GE(files, 8);
}

}  // namespace
}  // namespace buildlab::dockerfile
