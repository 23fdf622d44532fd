#include "framework/advisor/advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/record_builder.h"

namespace buildlab::advisor {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::hit;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::ran;
using ::testing::SizeIs;

constexpr const char* k_pinned =
    "FROM node@sha256:c6d780da00000000000000000000000000000000000000000000000000000000\n"
    "WORKDIR /app\n"
    "COPY . .\n"
    "RUN npm ci\n"
    "RUN npm run build\n";

// An edit of a source file that re-ran everything after `COPY . .`.
record::ScenarioRecord broad_edit() {
  auto record = testing::record(
      "app.edit", "edit",
      {testing::build({hit("stage-0", 2, "WORKDIR /app"), ran("stage-0", 3, "COPY . .", 0.2),
                       ran("stage-0", 4, "RUN npm ci", 41.2), ran("stage-0", 5, "RUN npm run build", 3)},
                      45.0)});
  record.input_mutation = "append src/index.js";
  record.builds[0].mutation = "append src/index.js";
  record.dockerfile_text = k_pinned;
  return record;
}

std::vector<Advice> of_rule(const std::string& rule, const std::vector<record::ScenarioRecord>& records) {
  std::vector<Advice> advice = advise(records);
  std::erase_if(advice, [&](const Advice& entry) { return entry.rule != rule; });
  return advice;
}

TEST(BroadCopyBeforeInstall, NamesBothLinesSecondsTheEditAndTheRecord) {
  const auto advice = of_rule("broad-copy-before-install", {broad_edit()});
  ASSERT_THAT(advice, SizeIs(1));
  EXPECT_THAT(advice[0].text, AllOf(HasSubstr("Dockerfile:3 COPY . ."), HasSubstr("Dockerfile:4 RUN npm ci"),
                                    HasSubstr("41.2s of 45.0s"), HasSubstr("append src/index.js"),
                                    HasSubstr("package.json and package-lock.json"),
                                    HasSubstr("[app.edit, run 2026-11-23T20-02-11Z-7f3a]")));
  EXPECT_EQ(advice[0].seconds, 41.2);
  EXPECT_EQ(advice[0].line, 4);
  EXPECT_EQ(advice[0].file, "Dockerfile");
  EXPECT_EQ(advice[0].scenario, "app.edit");
}

TEST(BroadCopyBeforeInstall, IsNotSaidWhereTheEditNeedsTheInstall) {
  auto record = broad_edit();
  record.builds[0].mutation = "append package.json";
  EXPECT_THAT(of_rule("broad-copy-before-install", {record}), IsEmpty());
}

TEST(BroadCopyBeforeInstall, IsNotSaidOfNarrowCopiesCheapStepsOrOtherKinds) {
  auto record = broad_edit();
  record.builds[0].numbers.steps[1].text = "COPY package.json package-lock.json ./";
  EXPECT_THAT(of_rule("broad-copy-before-install", {record}), IsEmpty());
  record.builds[0].numbers.steps[1].text = "COPY --from=other . .";
  EXPECT_THAT(of_rule("broad-copy-before-install", {record}), IsEmpty());
  record = broad_edit();
  record.builds[0].numbers.steps[2].seconds = 0.4;
  EXPECT_THAT(of_rule("broad-copy-before-install", {record}), IsEmpty());
  record = broad_edit();
  record.kind = "cold";
  EXPECT_THAT(of_rule("broad-copy-before-install", {record}), IsEmpty());
  record = broad_edit();
  record.builds[0].numbers.steps[1].outcome = metrics::StepOutcome::hit;
  EXPECT_THAT(of_rule("broad-copy-before-install", {record}), IsEmpty());
}

TEST(BroadCopyBeforeInstall, IsNotSaidWhereAnEarlierStepIsTheCause) {
  auto record = broad_edit();
  record.builds[0].numbers.steps[0].outcome = metrics::StepOutcome::ran;  // WORKDIR below a changed ARG
  EXPECT_THAT(of_rule("broad-copy-before-install", {record}), IsEmpty());
}

TEST(BroadCopyBeforeInstall, IsNotSaidOfTheOrderThatIsRight) {
  EXPECT_THAT(of_rule("broad-copy-before-install", {testing::edit_record()}), IsEmpty());
}

TEST(BroadCopyBeforeInstall, LooksAtTheStagesThatAStageStartsFrom) {
  const std::string dockerfile =
      "FROM a@sha256:1 AS base\nCOPY src/ /src\nFROM base AS deps\nRUN apt-get install -y g++\n";
  auto record = testing::record(
      "app.edit", "edit",
      {testing::build(
          {ran("base", 2, "COPY src/ /src", 0.1), ran("deps", 4, "RUN apt-get install -y g++", 12)}, 13)});
  record.dockerfile_text = dockerfile;
  const auto advice = of_rule("broad-copy-before-install", {record});
  ASSERT_THAT(advice, SizeIs(1));
  EXPECT_THAT(advice[0].text, HasSubstr("move the install above the copy"));
  auto newer = testing::warm_record();
  newer.started = "2030-01-01T00:00:00Z";
  EXPECT_THAT(of_rule("broad-copy-before-install", {record, newer}), IsEmpty())
      << "the stages of another text are not the record's";
}

TEST(BroadCopyBeforeInstall, LooksAtValidBuildsOnly) {
  auto record = broad_edit();
  record.builds[0] = testing::invalid(record.builds[0], "the import failed");
  EXPECT_THAT(advise({record}), IsEmpty());
}

TEST(NoExternalCache, NamesTheLongestStepOfAFreshBuilder) {
  const auto advice = of_rule("no-external-cache", {testing::cold_record()});
  ASSERT_THAT(advice, SizeIs(1));
  EXPECT_THAT(advice[0].text, AllOf(HasSubstr("14.0s of 16.2s"), HasSubstr("Dockerfile:2 RUN apt-get update"),
                                    HasSubstr("(11.8s)"), HasSubstr("cache_mode registry")));
  EXPECT_EQ(advice[0].line, 2);
  EXPECT_NEAR(advice[0].seconds, 14.0, 1e-9);
}

TEST(NoExternalCache, PrefersARunnerThatWasMeasuredAsSuch) {
  auto runner = testing::cold_record();
  runner.name = "app.runner";
  runner.kind = "ephemeral";
  EXPECT_EQ(of_rule("no-external-cache", {testing::cold_record(), runner})[0].scenario, "app.runner");
}

TEST(NoExternalCache, IsNotSaidWhereThereIsOneOrLittleToSave) {
  auto cached = testing::cold_record();
  cached.kind = "ephemeral";
  cached.cache_mode = "registry";
  EXPECT_THAT(of_rule("no-external-cache", {testing::cold_record(), cached}), IsEmpty());
  const auto quick =
      testing::record("app.cold", "cold", {testing::build({ran("stage-0", 2, "RUN true", 3)}, 4)});
  EXPECT_THAT(of_rule("no-external-cache", {quick}), IsEmpty());
  EXPECT_THAT(of_rule("no-external-cache", {testing::warm_record()}), IsEmpty());
}

TEST(MutableBase, NamesTheLineTheTagAndTheDigestToPin) {
  const auto advice = of_rule("mutable-base", {testing::warm_record(), testing::cold_record()});
  ASSERT_THAT(advice, SizeIs(1));
  EXPECT_THAT(advice[0].text,
              AllOf(HasSubstr("Dockerfile:1 names debian:bookworm-slim by a tag"), HasSubstr("14.0s"),
                    HasSubstr("debian:bookworm-slim@" + testing::digest("debian"))));
  EXPECT_EQ(advice[0].line, 1);
  EXPECT_EQ(advice[0].scenario, "app.cold");
}

TEST(MutableBase, GivesNoDigestOfABaseThatWasMadeLocally) {
  auto record = testing::cold_record();
  record.circumstances.bases[0].made_locally = true;
  const auto advice = of_rule("mutable-base", {record});
  ASSERT_THAT(advice, SizeIs(1));
  EXPECT_THAT(advice[0].text, Not(HasSubstr(testing::digest("debian"))));
}

TEST(MutableBase, IsNotSaidOfDigestsNorWithoutTheDockerfile) {
  EXPECT_THAT(of_rule("mutable-base", {broad_edit()}), IsEmpty());
  auto record = testing::cold_record();
  for (const char* text : {"", "no Dockerfile at all"}) {
    record.dockerfile_text = text;
    EXPECT_THAT(of_rule("mutable-base", {record}), IsEmpty()) << text;
  }
}

TEST(LayerTimestamps, AreSaidWithTheDriftThatTheyMade) {
  auto record = testing::record(
      "app.same", "reproducibility",
      {testing::build(testing::cold_steps(), 16.2, "a"), testing::build(testing::cold_steps(), 16.4, "b")});
  record.circumstances.rewrite_timestamp = false;
  auto advice = of_rule("layer-timestamps", {testing::cold_record(), record});
  ASSERT_THAT(advice, SizeIs(1));
  EXPECT_THAT(advice[0].text, AllOf(HasSubstr("2 builds of 16.2s each gave 2 digests"),
                                    HasSubstr("Dockerfile:7"), HasSubstr("switch rewrite_timestamp on")));
  EXPECT_EQ(advice[0].line, 7);
  record.circumstances.rewrite_timestamp = true;
  EXPECT_THAT(of_rule("layer-timestamps", {record}), IsEmpty())
      << "another cause, which is not for this rule";
  record.circumstances.source_date_epoch.reset();
  EXPECT_THAT(of_rule("layer-timestamps", {record})[0].text, HasSubstr("source_date_epoch"));
}

TEST(LayerTimestamps, AreNotSaidWhereBuildsAgreeAllTheSame) {
  auto record = testing::record(
      "app.same", "reproducibility",
      {testing::build(testing::cold_steps(), 16.2), testing::build(testing::cold_steps(), 16.4)});
  record.circumstances.rewrite_timestamp = false;
  auto other = testing::cold_record();
  other.circumstances.rewrite_timestamp = false;
  EXPECT_THAT(of_rule("layer-timestamps", {other, record}), IsEmpty());
  EXPECT_THAT(of_rule("layer-timestamps", {other}), SizeIs(1));
}

TEST(ExportDominates, IsSaidOfBuildsThatMostlyWriteTheImage) {
  auto record = testing::warm_record();
  for (auto& build : record.builds) {
    build.duration_sec = 2.6;
    build.numbers.parts = {};
    build.numbers.parts.export_sec = 2.1;
    build.numbers.parts.idle_sec = 0.5;
  }
  record.builds[0].numbers.parts.export_sec = 2.2;
  const auto advice = of_rule("export-dominates", {record});
  ASSERT_THAT(advice, SizeIs(1));
  EXPECT_THAT(advice[0].text,
              AllOf(HasSubstr("2.1s of 2.6s"), HasSubstr("40.1 MiB"), HasSubstr("Dockerfile:7")));
  EXPECT_EQ(advice[0].seconds, 2.1);
  record.builds[1].numbers.parts.export_sec = 1.2;
  EXPECT_THAT(of_rule("export-dominates", {record}), IsEmpty()) << "less than half";
  EXPECT_THAT(of_rule("export-dominates", {testing::warm_record()}), IsEmpty());
}

TEST(Advise, OrdersBySecondsAndSaysTheSameThingOnce) {
  auto again = broad_edit();
  again.name = "app.edit2";
  again.builds[0].numbers.steps[2].seconds = 40.0;
  const std::vector<record::ScenarioRecord> records{testing::cold_record(), again, broad_edit()};
  const auto advice = advise(records);
  std::vector<std::string> rules;
  for (const Advice& entry : advice) rules.push_back(entry.rule);
  EXPECT_THAT(rules,
              ::testing::ElementsAre("broad-copy-before-install", "no-external-cache", "mutable-base"));
  EXPECT_EQ(advice[0].scenario, "app.edit");
}

TEST(Advise, SaysNothingWithoutRecords) {
  EXPECT_THAT(advise({}), IsEmpty());
}

}  // namespace
}  // namespace buildlab::advisor
