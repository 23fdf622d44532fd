#include "framework/scenario/starter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>

#include "framework/base/file.h"
#include "framework/scenario/comment.h"
#include "framework/scenario/parse.h"

namespace buildlab::scenario {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class StarterFile : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::create(fs::temp_directory_path(), "starter");
    ASSERT_TRUE(made);
    m_folder.emplace(std::move(*made));
    write("My App/package.json", "{}");
    write("My App/package-lock.json", std::string(5000, ' '));
    write("My App/src/small.ts", "a");
    write("My App/src/large.ts", std::string(100, 'a'));
    write("My App/test/larger.ts", std::string(200, 'a'));
    write("My App/src/generated/huge.ts", std::string(300, 'a'));
    write("My App/.dockerignore", "**/generated\n");
  }
  void write(const std::string& name, std::string_view text) {
    ASSERT_TRUE(make_directories((m_folder->path() / name).parent_path()));
    ASSERT_TRUE(write_file_atomic(m_folder->path() / name, text));
  }
  // The starter, which must be a valid scenario file for the folder.
  Starter starter(std::string_view text) {
    write("My App/Dockerfile", text);
    auto made = make_starter({m_folder->path() / "My App", "Dockerfile", text, m_folder->path()});
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    if (!made) return {};
    write("buildlab.json", to_pretty_text(made->file));
    const auto loaded = load_scenario_file(m_folder->path() / "buildlab.json");
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().details.front());
    return std::move(*made);
  }
  static std::string edited(const Starter& made) {
    for (const Json& scenario : made.file.at("scenarios")) {
      if (scenario.contains("input_mutation"))
        return scenario["input_mutation"][0]["append"].get<std::string>();
    }
    return "none";
  }
  std::optional<TempDir> m_folder;
};

TEST_F(StarterFile, EditsTheLargestSourceFileThatTheTargetCopies) {
  const Starter made = starter(
      "FROM node AS deps\nCOPY package*.json ./\nFROM deps AS build\nCOPY [\"src/\", \"./src/\"]\nFROM deps "
      "AS check\nCOPY test "
      "test\nFROM build AS runtime\n");
  EXPECT_EQ(edited(made), "src/large.ts");
  EXPECT_THAT(made.targets, ElementsAre("deps", "build", "check", "runtime"));
  std::vector<std::string> names;
  for (const Json& scenario : made.file.at("scenarios")) names.push_back(scenario["name"]);
  EXPECT_THAT(names, ElementsAre("my-app.cold", "my-app.warm", "my-app.edit", "my-app.reproducibility"));
  EXPECT_EQ(made.file["subjects"]["my-app"]["target"], "runtime");
  EXPECT_EQ(made.file["subjects"]["my-app"]["context"], "My App");
  EXPECT_EQ(made.cmake,
            "find_package(BuildLab REQUIRED)\nbuildlab_add_golden_path(my-app\n  CONTEXT "
            "\"${CMAKE_CURRENT_SOURCE_DIR}/My "
            "App\"\n  TARGET runtime\n  EDIT \"src/large.ts\")\n");
}

TEST_F(StarterFile, CopyingAllAndBindMountsCountToo) {
  EXPECT_EQ(edited(starter("FROM node\nCOPY . .\n")), "test/larger.ts");
  EXPECT_EQ(edited(starter("FROM node\nRUN --mount=type=bind,source=src,target=/s make\n")), "src/large.ts");
  EXPECT_EQ(edited(starter("FROM node\nCOPY src/s*.ts /x/\n")), "src/small.ts");
  EXPECT_EQ(edited(starter("FROM node\nCOPY \"src/small.ts\" /x/\n")), "src/small.ts");
  EXPECT_EQ(edited(starter("FROM node\nCOPY --exclude=test . /x/\n")), "src/large.ts");
}

TEST_F(StarterFile, WithoutASourceFileThereIsNoEditAndThatIsSaid) {
  const Starter made =
      starter("FROM node\nCOPY package-lock.json /\nRUN --mount=type=cache,target=/c true\n");
  EXPECT_EQ(edited(made), "none");
  EXPECT_EQ(made.notes.size(), 1U);
  EXPECT_EQ(made.cmake.find("golden_path"), std::string::npos) << "it takes an EDIT";
  EXPECT_NE(made.cmake.find("buildlab_add_scenario(my-app.reproducibility KIND reproducibility\n  CONTEXT"),
            std::string::npos)
      << made.cmake;
}

TEST_F(StarterFile, ABrokenDockerfileIsTold) {
  const auto made = make_starter({m_folder->path(), "Dockerfile", "RUN x\n", m_folder->path()});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::usage);
}

TEST(Comment, IsThatOfTheLanguage) {
  EXPECT_EQ(comment_syntax("a/b.CPP")->open, "// ");
  EXPECT_EQ(comment_syntax("x.py")->open, "# ");
  EXPECT_EQ(comment_syntax("docker/Dockerfile.prod")->open, "# ");
  EXPECT_EQ(comment_syntax("x.html")->close, " -->");
  EXPECT_EQ(comment_syntax("x.css")->close, " */");
  EXPECT_EQ(comment_syntax("x.sql")->open, "-- ");
  EXPECT_FALSE(comment_syntax("x.json"));
  EXPECT_FALSE(comment_syntax("x"));
  EXPECT_FALSE(comment_syntax("pnpm-lock.yaml"));
  EXPECT_TRUE(is_source_file("a.rs"));
  EXPECT_FALSE(is_source_file("README.md"));
}

}  // namespace
}  // namespace buildlab::scenario
