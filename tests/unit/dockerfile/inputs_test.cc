#include "framework/dockerfile/inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::dockerfile {
namespace {

using testing::ElementsAre;

struct Read {
  Dockerfile file;
  std::vector<StageInputs> stages;
};

Read read(std::string_view text, const std::map<std::string, std::string>& args = {}) {
  auto file = parse_dockerfile(text, "Dockerfile");
  EXPECT_TRUE(file) << file.error().message;
  Read result{std::move(*file), {}};
  auto inputs = target_inputs(result.file, std::nullopt, args);
  EXPECT_TRUE(inputs) << inputs.error().message;
  result.stages = std::move(*inputs);
  return result;
}

std::vector<std::string> sources(const StepInputs& step) {
  std::vector<std::string> result;
  for (const ContextRead& read : step.context) result.push_back(read.source);
  return result;
}

TEST(StepInputs, AreTheSourcesOfCopyWithVariablesExpanded) {
  const Read r = read(
      "ARG TOP=lib\nFROM scratch\nARG TOP\nARG NAME=x\nENV DIR=/$TOP/./in\n"
      "COPY ${DIR}/*.txt other/ \"/to\"\nCOPY $NAME/../y /z\n");
  EXPECT_THAT(sources(r.stages[0].steps[0]), ElementsAre("lib/in/*.txt", "other"));
  EXPECT_THAT(sources(r.stages[0].steps[1]), ElementsAre("y"));
}

TEST(StepInputs, ArgumentsOfTheBuildWin) {
  const Read r = read("FROM scratch\nARG NAME=x\nCOPY $NAME /z\n", {{"NAME", "given"}});
  EXPECT_THAT(sources(r.stages[0].steps[0]), ElementsAre("given"));
}

TEST(StepInputs, OfAStageSeeTheVariablesOfItsBase) {
  const Read r = read("FROM scratch AS base\nENV D=dir\nFROM base\nCOPY $D /z\n");
  ASSERT_EQ(r.stages.size(), 2U);
  EXPECT_EQ(r.stages[1].base, 0U);
  EXPECT_THAT(sources(r.stages[1].steps[0]), ElementsAre("dir"));
}

TEST(StepInputs, LeaveOutWhatIsNoFileOfTheContext) {
  const Read r = read(
      "FROM scratch AS a\nFROM scratch\nCOPY --from=a /x /y\nADD https://example.com/f local /z\n"
      "COPY <<EOF more /q\nbody\nEOF\n");
  EXPECT_TRUE(r.stages[1].steps[0].context.empty());
  EXPECT_THAT(r.stages[1].steps[0].stages, ElementsAre(0U));
  EXPECT_THAT(sources(r.stages[1].steps[1]), ElementsAre("local"));
  EXPECT_THAT(sources(r.stages[1].steps[2]), ElementsAre("more"));
}

TEST(StepInputs, AreBindMountsToo) {
  const Read r = read(
      "FROM scratch AS a\nFROM scratch\n"
      "RUN --mount=target=/src --mount=type=bind,source=go.mod,target=/m true\n"
      "RUN --mount=type=cache,target=/c --mount=from=a,target=/a --mount=type=secret,id=s true\n");
  EXPECT_THAT(sources(r.stages[1].steps[0]), ElementsAre("", "go.mod"));
  EXPECT_TRUE(r.stages[1].steps[1].context.empty());
  EXPECT_THAT(r.stages[1].steps[1].stages, ElementsAre(0U));
}

TEST(StepInputs, KnowLinkedCopies) {
  const Read r = read("FROM scratch\nCOPY --link a /a\nCOPY --link=false b /b\n");
  EXPECT_TRUE(r.stages[0].steps[0].linked);
  EXPECT_FALSE(r.stages[0].steps[1].linked);
}

bool selects(std::string source, std::string_view path) {
  return ContextRead{std::move(source), {}}.selects(path);
}

std::vector<std::string> definitions(std::string_view text) {
  std::vector<std::string> result;
  const Read r = read(text);
  for (const StepInputs& step : r.stages.back().steps) result.push_back(step.definition);
  return result;
}

TEST(StepInputs, SeeTheFolderOnlyWhereAPathNeedsOne) {
  EXPECT_THAT(
      definitions("FROM scratch\nARG TO=/x\nWORKDIR /a\nCOPY f /x/\nCOPY f x/\nADD f $TO\nadd f ./\n"),
      ElementsAre("WORKDIR /a", "COPY f /x/", "COPY f x/\nWORKDIR /a", "ADD f /x", "ADD f ./\nWORKDIR /a"));
  EXPECT_THAT(definitions("FROM scratch\nWORKDIR /a\nRUN one\n"),
              ElementsAre("WORKDIR /a", "RUN one\nWORKDIR /a"));
  EXPECT_THAT(definitions("FROM scratch\nWORKDIR /a\nCOPY [\"f\", \"/x y\"]\nCOPY <<EOF /z\ntext\nEOF\n"),
              testing::Not(testing::Contains(testing::HasSubstr("\nWORKDIR"))));
}

TEST(StepInputs, SeeTheFolderThatAllWorkdirsBeforeThemLeadTo) {
  EXPECT_THAT(definitions("FROM scratch\nWORKDIR /a\nWORKDIR b/../c\nCOPY f .\n"),
              ElementsAre("WORKDIR /a", "WORKDIR b/../c\nWORKDIR /a/c", "COPY f .\nWORKDIR /a/c"));
  EXPECT_THAT(definitions("FROM scratch AS one\nWORKDIR /a\nFROM one\nWORKDIR b\n"),
              ElementsAre("WORKDIR b\nWORKDIR /a/b"));
  // An image's own is not known.
  EXPECT_THAT(definitions("FROM debian:12\nWORKDIR b\nWORKDIR c\n"),
              ElementsAre("WORKDIR b\nWORKDIR b", "WORKDIR c\nWORKDIR b/c"));
}

TEST(StepInputs, NameTheImagesAndUrlsOutside) {
  const Read r = read(
      "ARG HOST=example.com\nFROM scratch AS one\nRUN one\nFROM debian:12\nARG HOST\nCOPY --from=one a /\n"
      "COPY --from=alpine:3.19 a /\nRUN --mount=type=bind,from=alpine,target=/m x\n"
      "add https://$HOST/f f.txt /\nADD --checksum=sha256:00 https://$HOST/g /\n");
  const std::vector<StepInputs>& steps = r.stages[1].steps;
  EXPECT_THAT(steps[0].images, testing::IsEmpty());
  EXPECT_THAT(steps[1].images, ElementsAre("alpine:3.19"));
  EXPECT_THAT(steps[2].images, ElementsAre("alpine"));
  EXPECT_THAT(steps[3].urls, ElementsAre("https://example.com/f"));
  EXPECT_THAT(sources(steps[3]), ElementsAre("f.txt"));
  EXPECT_FALSE(steps[3].checksum);
  EXPECT_TRUE(steps[4].checksum);
}

TEST(ContextReads, SelectFilesFoldersAndWildcards) {
  EXPECT_TRUE(selects("", "any/thing"));
  EXPECT_TRUE(selects("src", "src/deep/a.cc"));
  EXPECT_TRUE(selects("src", "src"));
  EXPECT_FALSE(selects("src", "srcs/a.cc"));
  EXPECT_FALSE(selects("src/a.cc", "src"));
  EXPECT_TRUE(selects("src/*.cc", "src/a.cc"));
  EXPECT_FALSE(selects("src/*.cc", "src/deep/a.cc"));
  EXPECT_TRUE(selects("pack*", "package/inner/file"));
  EXPECT_TRUE(selects("package*.json", "package-lock.json"));
}

TEST(ContextReads, LeaveOutWhatIsExcluded) {
  const Read r = read("FROM scratch\nCOPY --exclude=*.md --exclude=docs src /src\n");
  const ContextRead& from = r.stages[0].steps[0].context[0];
  EXPECT_FALSE(from.selects("src/a.md"));
  EXPECT_FALSE(from.selects("src/docs/x.txt"));
  EXPECT_TRUE(from.selects("src/a.cc"));
}

TEST(GoPatterns, MatchAsPathMatchDoes) {
  EXPECT_TRUE(matches_go_pattern("*", ""));
  EXPECT_TRUE(matches_go_pattern("a*b*c", "a1b2b3c"));
  EXPECT_FALSE(matches_go_pattern("a*b", "a1b2"));
  EXPECT_TRUE(matches_go_pattern("?[a-c][^0-9]", "xbz"));
  EXPECT_FALSE(matches_go_pattern("[a-c]", "d"));
  EXPECT_TRUE(matches_go_pattern("\\*", "*"));
  EXPECT_FALSE(matches_go_pattern("\\*", "x"));
  EXPECT_FALSE(matches_go_pattern("[a", "a"));
  EXPECT_FALSE(matches_go_pattern("[", "["));
  EXPECT_FALSE(matches_go_pattern("\\", "\\"));
}

TEST(GoPatterns, WithManyStarsAreQuick) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  EXPECT_FALSE(matches_go_pattern(pattern + "b", std::string(250, 'a')));
}

}  // namespace
}  // namespace buildlab::dockerfile
