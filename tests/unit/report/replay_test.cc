#include "framework/report/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

replay::Row built_row(int number, double seconds, std::string file) {
  replay::Row row;
  row.number = number;
  row.commit = "0123456789abcdef";
  row.subject = "fix | <b>it</b> \x1b[31mred";
  row.duration_sec = seconds;
  row.hits = 3;
  row.classes = {{std::move(file), 1}};
  return row;
}

replay::Walk sample_walk() {
  replay::Walk walk;
  walk.subject = "app";
  walk.dockerfile = "docker/Dockerfile";
  walk.range = "v1..main";
  walk.planned = 3;
  replay::Row primer = built_row(0, 60, "x");
  primer.primes = true;
  primer.classes.clear();
  replay::Row source = built_row(1, 4, "src/**/*.c");
  source.ran = {{"build", 8, "RUN make all", 3, "parent-rekeyed", "it stands on line 7"}};
  source.blame = {{"src/**/*.c", 3}};
  replay::Row failed = built_row(2, 1, "src/**/*.c");
  failed.outcome = replay::Outcome::failed;
  failed.duration_sec.reset();
  failed.problem = "docker/Dockerfile:8 RUN make all failed: exit code 2";
  walk.rows = {primer, source, failed, built_row(3, 1, "docs/**/*.md")};
  return walk;
}

TEST(ReplayText, HasARowForEachCommitAndTheSums) {
  const std::string text = to_text(sample_walk(), false);
  EXPECT_THAT(text, HasSubstr("primes the builder"));
  EXPECT_THAT(text, HasSubstr("re-ran :8 RUN make"));
  EXPECT_THAT(text, HasSubstr("failed: docker/Dockerfile:8 RUN make all failed"));
  EXPECT_THAT(text, HasSubstr("2 builds of 3 commits count: median 2.5s"));
  EXPECT_THAT(text, HasSubstr("cache hit ratio 0.86; 1 build ran nothing"));
  EXPECT_THAT(text, HasSubstr("not counted: 1 build failed"));
  EXPECT_THAT(text, HasSubstr("parent-rekeyed ×1"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(ReplayText, OfNothingThatCountsHasNoNumbers) {
  replay::Walk walk = sample_walk();
  walk.rows.resize(1);
  const std::string text = to_text(walk, false);
  EXPECT_THAT(text, HasSubstr("0 builds of 0 commits count\n"));
  EXPECT_THAT(text, Not(HasSubstr("median")));
}

TEST(ReplayMarkdown, ShowsForeignTextAsItIs) {
  const std::string text = to_markdown(sample_walk());
  EXPECT_THAT(text, HasSubstr("<details>"));
  EXPECT_THAT(text, Not(HasSubstr("<b>")));
  EXPECT_THAT(text, Not(HasSubstr("fix | ")));
}

TEST(ReplayJson, HasNullForWhatIsNotThere) {
  const auto json = parse_json(to_json(sample_walk()), "walk");
  ASSERT_TRUE(json);
  EXPECT_TRUE(json->at("commits")[2].at("duration_sec").is_null());
  EXPECT_EQ(json->at("commits")[2].at("outcome"), "failed");
  EXPECT_EQ(json->at("sums").at("counted"), 2);
  EXPECT_EQ(json->at("sums").at("mean_sec"), 2.5);
  EXPECT_EQ(json->at("sums").at("steps")[0].at("miss_reasons").at("parent-rekeyed"), 1);
}

}  // namespace
}  // namespace buildlab::report
