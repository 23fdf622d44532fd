// tests/data/scenario: each good file beside what it means (every default left out), each bad one beside all
// that is told of it.
#include <gtest/gtest.h>
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/scenario/parse.h"
#include "framework/scenario/write.h"

namespace buildlab::scenario {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(BUILDLAB_TEST_DATA) / "scenario" / folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string expected_beside(const fs::path& file, const std::string& actual) {
  const fs::path path = fs::path(file).replace_extension(".expected");
  // For writing a new file's expectation, which is then read by a person before it is committed.
  if (std::getenv("BUILDLAB_WRITE_EXPECTED") != nullptr) (void)write_file_atomic(path, actual);
  return read_file(path).value_or("no " + path.string());
}

TEST(Files, GoodOnesMeanWhatStandsBeside) {
  const auto files = files_in("good");
  EXPECT_GE(files.size(), 10U);
  for (const fs::path& path : files) {
    SCOPED_TRACE(path.filename().string());
    const auto file = parse_scenario_file(read_file(path).value(), path);
    ASSERT_TRUE(file) << file.error().message << file.error().details.front();
    const std::string text = to_pretty_text(to_json(*file));
    EXPECT_EQ(text, expected_beside(path, text));
    // What is written is read as the same again.
    const auto again = parse_scenario_file(text, path);
    ASSERT_TRUE(again) << again.error().details.front();
    EXPECT_EQ(to_pretty_text(to_json(*again)), text);
  }
}

TEST(Files, BadOnesAreToldCompletely) {
  const auto files = files_in("bad");
  EXPECT_GE(files.size(), 70U);
  for (const fs::path& path : files) {
    SCOPED_TRACE(path.filename().string());
    const auto file = parse_scenario_file(read_file(path).value(), "FILE");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().kind, ErrorKind::usage);
    std::string told = file.error().message + "\n";
    for (const std::string& detail : file.error().details) told += detail + "\n";
    EXPECT_EQ(told, expected_beside(path, told));
  }
}

// Every prefix, and every byte replaced by one that JSON gives a meaning, ends in a value or a usage error.
TEST(Files, DamagedOnesNeverCrash) {
  const std::string whole = read_file(fs::path(BUILDLAB_TEST_DATA) / "scenario/good/gates.json").value();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    (void)parse_scenario_file(whole.substr(0, i), "FILE");
    for (const char c : {'{', ']', '"', '\\', '1', '\0', '\xFF', ','}) {
      std::string damaged = whole;
      damaged[i] = c;
      const auto file = parse_scenario_file(damaged, "FILE");
      if (file) continue;
      ASSERT_EQ(file.error().kind, ErrorKind::usage);
      ASSERT_FALSE(file.error().details.empty());
    }
  }
}

TEST(Files, LinesOfFieldsGatesAndMutationsAreKept) {
  const auto file = parse_scenario_file(
      "{\"schema_version\": 1,\n\"subjects\": {\n\"app\": {\"context\": \".\",\n\"target\": "
      "\"x\"}},\n\"scenarios\": [\n"
      "{\"kind\": \"edit\",\n\"name\": \"app.edit\",\n\"input_mutation\": [\n{\"touch\": "
      "\"a\"},\n{\"touch\": \"b\"}],\n"
      "\"gates\": {\n\"min_hit_ratio\": 1}}]}\n",
      "d/buildlab.json");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->subjects[0].where.line, 3);
  EXPECT_EQ(file->subjects[0].where_field.at("target").line, 4);
  EXPECT_EQ(file->scenarios[0].where, (SourceLine{"d/buildlab.json", 7}));
  EXPECT_EQ(file->scenarios[0].where_mutation[1].line, 10);
  EXPECT_EQ(file->scenarios[0].where_gate.at("min_hit_ratio").line, 12);
  EXPECT_EQ(file->path, fs::absolute("d/buildlab.json"));
  EXPECT_EQ(file->subjects[0].context, fs::absolute("d"));
}

TEST(Files, TheProjectsOwnOnesAreValidWithAllTheyName) {
  std::vector<fs::path> files{fs::path(BUILDLAB_SOURCE_DIR) / "buildlab.json"};
  for (const auto& entry : fs::directory_iterator(fs::path(BUILDLAB_SOURCE_DIR) / "examples")) {
    if (fs::exists(entry.path() / "buildlab.json")) files.push_back(entry.path() / "buildlab.json");
  }
  EXPECT_GE(files.size(), 5U);
  for (const fs::path& path : files) {
    const auto file = load_scenario_file(path);
    EXPECT_TRUE(file) << file.error().message << "\n"
                      << (file.error().details.empty() ? "" : file.error().details[0]);
  }
}

TEST(Files, MutationsAreNamedForReports) {
  const auto path = fs::path(BUILDLAB_TEST_DATA) / "scenario/good/mutations.json";
  const auto file = parse_scenario_file(read_file(path).value(), path);
  ASSERT_TRUE(file);
  EXPECT_EQ(to_string(file->scenarios[0].input_mutation),
            "append src/main.cpp, append a, replace f, touch f, chmod 0755 f, add n/ew, add new2, delete d, "
            "rename a to "
            "b/c, patch ../fix.patch, set build arg SHA, run sed -i s/a/b/ f");
}

}  // namespace
}  // namespace buildlab::scenario
