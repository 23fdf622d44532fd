#include <gtest/gtest.h>

#include "framework/base/file.h"
#include "framework/replay/row.h"
#include "framework/replay/rows_file.h"

namespace buildlab::replay {
namespace {

Row full_row(int number) {
  Row row;
  row.number = number;
  row.commit = "c" + std::to_string(number);
  row.subject = "says \"this\"";
  row.committed = "2026-01-01T00:00:00Z";
  row.changed = {"a b\nc", "src/x.cc"};
  row.changed_count = 2;
  row.classes = {{"src/**/*.cc", 1}, {"a b\nc", 1}};
  row.blame = {{"src/**/*.cc", 1.75}};
  row.hits = 3;
  row.ran = {{"build", 7, "RUN make", 1.25, "input-content", "src/x.cc"}, {"build", 9, "RUN x", 0.5}};
  row.duration_sec = 2.5;
  row.critical_path_sec = 1.75;
  row.digest = "sha256:abc";
  row.bases = {"debian@sha256:abc"};
  row.notes = {"a note"};
  return row;
}

std::string line_of(const Row& row) {
  return to_line(to_json(row)) + "\n";
}

TEST(ReplayRow, ComesBackFromItsJson) {
  const Row row = full_row(4);
  const auto back = row_from_json(to_json(row));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, row);
}

TEST(ReplayRow, WithoutABuildHasNullsAndNoNumbers) {
  Row row;
  row.outcome = Outcome::no_dockerfile;
  row.problem = "gone";
  const Json json = to_json(row);
  EXPECT_TRUE(json.at("duration_sec").is_null());
  EXPECT_TRUE(json.at("digest").is_null());
  EXPECT_EQ(*row_from_json(json), row);
  EXPECT_FALSE(row.counts());
}

TEST(ReplayRow, OfAnUnknownOutcomeIsNone) {
  Json json = to_json(full_row(1));
  json["outcome"] = "splendid";
  EXPECT_FALSE(row_from_json(json));
  json.erase("outcome");
  EXPECT_FALSE(row_from_json(json));
}

TEST(ReplayRows, EndAtALineThatWasCutOff) {
  const std::string whole = line_of(full_row(0)) + line_of(full_row(1));
  EXPECT_EQ(parse_rows(whole).size(), 2U);
  EXPECT_EQ(parse_rows(whole.substr(0, whole.size() - 1)).size(), 1U);
  EXPECT_EQ(parse_rows(whole.substr(0, whole.size() - 20)).size(), 1U);
  EXPECT_EQ(parse_rows(""), std::vector<Row>());
}

TEST(ReplayRows, EndWhereANumberIsMissing) {
  EXPECT_EQ(parse_rows(line_of(full_row(1)) + line_of(full_row(3))).size(), 1U);
  EXPECT_EQ(parse_rows(line_of(full_row(1)) + "rubbish\n" + line_of(full_row(2))).size(), 1U);
}

TEST(ReplayRows, AreAppendedToWhatWasWhole) {
  const auto folder = TempDir::create(std::filesystem::temp_directory_path(), "rows-");
  ASSERT_TRUE(folder);
  const auto file = folder->path() / "rows.jsonl";
  ASSERT_TRUE(append_row(file, full_row(0)));
  ASSERT_TRUE(append_to_file(file, line_of(full_row(1)).substr(0, 30)));
  const auto opened = open_rows(file);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->size(), 1U);
  ASSERT_TRUE(append_row(file, full_row(1)));
  EXPECT_EQ(*open_rows(file), (std::vector<Row>{full_row(0), full_row(1)}));
}

}  // namespace
}  // namespace buildlab::replay
