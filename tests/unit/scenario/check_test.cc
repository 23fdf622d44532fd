#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>

#include "framework/base/file.h"
#include "framework/scenario/parse.h"

namespace buildlab::scenario {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// A folder with a small project, whose path reads "DIR" in what is told.
class Check : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::create(fs::temp_directory_path(), "check");
    ASSERT_TRUE(made);
    m_folder.emplace(std::move(*made));
    write("Dockerfile",
          "FROM debian AS deps\nRUN apt-get   install g++\nFROM deps AS app\nCOPY src /src\nRUN make\n"
          "FROM debian AS other\nRUN true\n");
    write("src/main.cpp", "int main() {}\n");
    write("src/data.json", "{}\n");
    write("ignored/x.cpp", "x\n");
    write(".dockerignore", "ignored\n");
  }

  void write(const std::string& name, std::string_view text) {
    ASSERT_TRUE(make_directories((m_folder->path() / name).parent_path()));
    ASSERT_TRUE(write_file_atomic(m_folder->path() / name, text));
  }

  // All that is told of a file with this subject and these scenarios.
  std::vector<std::string> told(const std::string& subject, const std::string& scenarios) {
    write("buildlab.json", "{\"schema_version\": 1,\n\"subjects\": {\"app\": " + subject +
                               "},\n\"scenarios\": [\n" + scenarios + "]}");
    const auto file = load_scenario_file(m_folder->path() / "buildlab.json");
    if (file) return {};
    EXPECT_EQ(file.error().kind, ErrorKind::usage);
    std::vector<std::string> lines;
    for (std::string line : file.error().details) {
      const std::string folder = m_folder->path().string();
      for (auto at = line.find(folder); at != std::string::npos; at = line.find(folder))
        line.replace(at, folder.size(), "DIR");
      lines.push_back(std::move(line));
    }
    return lines;
  }
  std::vector<std::string> told_of_mutations(const std::string& mutations) {
    return told(k_subject,
                "{\"name\": \"e\", \"kind\": \"edit\", \"input_mutation\": [\n" + mutations + "]}");
  }
  std::vector<std::string> told_of_gates(const std::string& gates) {
    return told(k_subject, "{\"name\": \"c\", \"kind\": \"cold\", \"gates\": {\n" + gates + "}}");
  }

  const std::string k_subject = R"({"context": ".", "target": "app"})";
  const std::string k_scenario = R"({"name": "c", "kind": "cold"})";
  std::optional<TempDir> m_folder;
};

TEST_F(Check, AFileWhoseNamesAllExistIsFine) {
  EXPECT_THAT(
      told_of_mutations(
          R"({"append": "src/main.cpp"}, {"append": "Dockerfile"}, {"rename": "src/main.cpp", "to": "src/b.cpp"},
      {"touch": "src/b.cpp"}, {"add": "src/new.cpp"}, {"delete": "src/new.cpp"}, {"delete": "src"}, {"run": ["true"]}, {"touch": "who-knows"})"),
      ElementsAre());
  EXPECT_THAT(
      told_of_gates(R"("expect_cached": ["deps", 2, "RUN apt-get install"], "expect_ran": ["COPY src"])"),
      ElementsAre());
}

TEST_F(Check, AMissingContextOrDockerfileIsToldWithWhatWasMeant) {
  EXPECT_THAT(told(R"({"context": "nowhere"})", k_scenario),
              ElementsAre("DIR/buildlab.json:2: subject \"app\": \"context\": no folder DIR/nowhere (it is "
                          "relative to this file)"));
  EXPECT_THAT(told(R"({"context": ".", "dockerfile": "docker/Dockerfile"})", k_scenario),
              ElementsAre("DIR/buildlab.json:2: subject \"app\": no Dockerfile DIR/docker/Dockerfile "
                          "(\"dockerfile\" is relative "
                          "to the context); did you mean \"Dockerfile\"?"));
}

TEST_F(Check, ABrokenDockerfileIsToldWithItsLine) {
  write("Dockerfile", "FROM debian\nRUM make\n");
  EXPECT_THAT(told(R"({"context": "."})", k_scenario),
              ElementsAre("DIR/buildlab.json:2: subject \"app\": DIR/Dockerfile:2: unknown instruction "
                          "\"RUM\", did you mean RUN?"));
}

TEST_F(Check, AnUnknownTargetNamesTheKnownOnes) {
  EXPECT_THAT(told(R"({"context": ".", "target": "ap"})", k_scenario),
              ElementsAre("DIR/buildlab.json:2: subject \"app\": DIR/Dockerfile: there is no stage \"ap\"; "
                          "known: deps, app, other; "
                          "did you mean \"app\"?"));
}

TEST_F(Check, MutatedFilesMustBeInTheContext) {
  EXPECT_THAT(
      told_of_mutations(R"({"append": "main.cpp"},
{"append": "src/man.cpp"},
{"touch": "ignored/x.cpp"},
{"add": "src/main.cpp"},
{"delete": "src/main.cpp"},
{"append": "src/main.cpp"},
{"append": "src/data.json"},
{"patch": "no.patch"})"),
      ElementsAre(
          "DIR/buildlab.json:5: scenario \"e\": append main.cpp: no file \"main.cpp\" in the context DIR; "
          "did you mean \"src/main.cpp\"?",
          "DIR/buildlab.json:6: scenario \"e\": append src/man.cpp: no file \"src/man.cpp\" in the context "
          "DIR; did you mean \"src/main.cpp\"?",
          "DIR/buildlab.json:7: scenario \"e\": touch ignored/x.cpp: \"ignored/x.cpp\" is left out by "
          ".dockerignore, so the build cannot depend on it",
          "DIR/buildlab.json:8: scenario \"e\": add src/main.cpp: \"src/main.cpp\" is there already; use "
          "append or replace",
          HasSubstr("buildlab.json:10: scenario \"e\": append src/main.cpp: no file"),
          HasSubstr(
              "buildlab.json:11: scenario \"e\": append src/data.json: it is not known how a comment looks"),
          "DIR/buildlab.json:12: scenario \"e\": patch no.patch: no file DIR/no.patch (it is relative to "
          "this file)"));
}

TEST_F(Check, SelectorsMustNameStepsOfTheTarget) {
  EXPECT_THAT(told_of_gates("\"expect_cached\": [\"dep\"],\n\"expect_ran\": [\"other\", 1]"),
              ElementsAre(HasSubstr("buildlab.json:5: scenario \"c\": \"expect_cached\": \"dep\" names no "
                                    "RUN, COPY, ADD or WORKDIR of the "
                                    "target in Dockerfile; stages are deps, app; did you mean \"deps\"?"),
                          HasSubstr("buildlab.json:6: scenario \"c\": \"expect_ran\": \"other\" names no"),
                          HasSubstr("\"1\" names no")));
}

TEST_F(Check, ASecretsFileMustExist) {
  EXPECT_THAT(
      told(R"({"context": ".", "secrets": [{"id": "a", "file": "s"}, {"id": "b", "env": "B"}]})", k_scenario),
      ElementsAre("DIR/buildlab.json:2: subject \"app\": secret \"a\": no file DIR/s"));
}

TEST_F(Check, ProblemsOfTheTextAndOfTheDiskAreToldTogether) {
  write("buildlab.json",
        "{\"schema_version\": 1,\n"
        "\"subjects\": {\"app\": {\"context\": \".\", \"target\": \"app\"},\n"
        "  \"gone\": {\"context\": \".\", \"dockerfile\": \"Dockerfil\"},\n"
        "  \"odd\": {\"contxt\": \".\", \"dockerfile\": \"none\"}},\n"
        "\"scenarios\": [\n"
        "{\"name\": \"e\", \"subject\": \"app\", \"kind\": \"edit\", \"runs\": \"x\",\n"
        "  \"input_mutation\": [{\"append\": \"main.cpp\"}]},\n"
        "{\"name\": \"c\", \"subject\": \"app\", \"kind\": \"cold\",\n"
        "  \"gates\": {\"expect_ran\": [\"dep\"], \"min_hit_rato\": 1}}]}");
  const auto file = load_scenario_file(m_folder->path() / "buildlab.json");
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().details,
              ElementsAre(HasSubstr("buildlab.json:3: subject \"gone\": no Dockerfile"),
                          HasSubstr("buildlab.json:4: subject \"odd\": \"contxt\" is no known key"),
                          HasSubstr("buildlab.json:4: subject \"odd\": \"context\" is missing"),
                          HasSubstr("buildlab.json:6: scenario \"e\": \"runs\" must be"),
                          HasSubstr("buildlab.json:7: scenario \"e\": append main.cpp: no file"),
                          HasSubstr("buildlab.json:9: scenario \"c\": \"min_hit_rato\" is no known key")));
}

TEST_F(Check, TheFileIsFoundInAFolderAbove) {
  write("buildlab.json", "{}");
  const auto found = find_scenario_file(m_folder->path() / "src");
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, m_folder->path() / "buildlab.json");
  const auto none = find_scenario_file("/proc/self");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::usage);
}

TEST_F(Check, AMissingScenarioFileIsAUsageError) {
  const auto none = load_scenario_file(m_folder->path() / "none.json");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::usage);
  EXPECT_THAT(none.error().message, HasSubstr("none.json"));
}

}  // namespace
}  // namespace buildlab::scenario
