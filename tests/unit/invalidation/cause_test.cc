#include "framework/invalidation/cause.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

namespace buildlab::invalidation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

StepGraph steps_of(std::string_view text) {
  const auto file = dockerfile::parse_dockerfile(text, "Dockerfile");
  EXPECT_TRUE(file) << file.error().message;
  const auto inputs = dockerfile::target_inputs(*file, std::nullopt, {});
  EXPECT_TRUE(inputs) << inputs.error().message;
  return make_graph(*file, *inputs, {});
}

// Of a build in which everything ran.
std::vector<Cause> causes(std::string_view before, std::string_view after, std::vector<Change> paths = {}) {
  const StepGraph graph = steps_of(after);
  std::vector<std::size_t> ran(graph.size());
  std::iota(ran.begin(), ran.end(), 0);
  return causes_of(steps_of(before), graph, {std::move(paths), "Dockerfile", std::nullopt}, ran);
}

constexpr std::string_view k_file = "FROM scratch\nCOPY a.txt /\nRUN one\nCOPY src /src\nRUN two\n";

TEST(MissCause, IsTheFileThatTheStepReadsAndBehindItTheStepBefore) {
  const auto found = causes(k_file, k_file, {{"a.txt", true}});
  EXPECT_EQ(found[0].reason, "input-content");
  EXPECT_EQ(found[0].detail, "a.txt");
  EXPECT_EQ(found[1].reason, "parent-rekeyed");
  EXPECT_EQ(found[1].detail, "it stands on line 2 COPY a.txt /");
  EXPECT_EQ(found[3].reason, "parent-rekeyed");
  EXPECT_THAT(found[3].classes, ElementsAre("a.txt"));
}

TEST(MissCause, AModeAloneIsNoContent) {
  const auto found = causes(k_file, k_file, {{"a.txt", false}});
  EXPECT_EQ(found[0].reason, "input-metadata");
  EXPECT_EQ(found[0].detail, "mode of a.txt");
}

TEST(MissCause, GoesBackToAllThatChanged) {
  const auto found = causes(k_file, k_file, {{"a.txt", true}, {"src/x.c", true}, {"src/y.c", true}});
  EXPECT_THAT(found[1].classes, ElementsAre("a.txt"));
  EXPECT_EQ(found[2].reason, "input-content");
  EXPECT_EQ(found[2].detail, "src/x.c, src/y.c");
  EXPECT_THAT(found[3].classes, ElementsAre("a.txt", "src/**/*.c"));
}

TEST(MissCause, AnotherInstructionIsItsOwnReason) {
  const auto found = causes(k_file, "FROM scratch\nCOPY a.txt /\nRUN other\nCOPY src /src\nRUN two\n");
  EXPECT_EQ(found[0].reason, std::nullopt);
  EXPECT_TRUE(found[0].classes.empty());
  EXPECT_EQ(found[1].reason, "own-definition");
  EXPECT_EQ(found[2].reason, "parent-rekeyed");
  EXPECT_THAT(found[2].classes, ElementsAre("Dockerfile"));
}

TEST(MissCause, VariablesAndShellAreOfTheInstruction) {
  const char* before = "FROM scratch\nARG V=1\nENV E=1\nRUN x\nCOPY a /\n";
  for (const char* after : {"FROM scratch\nARG V=2\nENV E=1\nRUN x\nCOPY a /\n",
                            "FROM scratch\nARG V=1\nENV E=2\nRUN x\nCOPY a /\n",
                            "FROM scratch\nARG V=1\nENV E=1\nSHELL [\"/s\"]\nRUN x\nCOPY a /\n"}) {
    const auto found = causes(before, after);
    EXPECT_EQ(found[0].reason, "own-definition") << after;
    EXPECT_EQ(found[1].reason, "parent-rekeyed") << after;  // COPY sees none of these
  }
}

TEST(MissCause, InlineTextIsOfTheInstruction) {
  const auto found = causes("FROM scratch\nCOPY <<E /f\none\nE\n", "FROM scratch\nCOPY <<E /f\ntwo\nE\n");
  EXPECT_EQ(found[0].reason, "own-definition");
}

TEST(MissCause, AnotherBaseImageReKeysTheFirstStep) {
  const auto found = causes("FROM one AS b\nFROM b\nRUN x\nRUN y\n", "FROM two AS b\nFROM b\nRUN x\nRUN y\n");
  EXPECT_EQ(found[0].reason, "parent-rekeyed");
  EXPECT_THAT(*found[0].detail, HasSubstr("FROM two was FROM one"));
  EXPECT_EQ(found[1].reason, "parent-rekeyed");
  EXPECT_THAT(found[1].classes, ElementsAre("Dockerfile"));
}

TEST(MissCause, WhatIsCopiedFromAStageIsInput) {
  const char* file = "FROM scratch AS b\nCOPY a.txt /\nFROM scratch\nCOPY --from=b /x /x\n";
  const auto found = causes(file, file, {{"a.txt", true}});
  EXPECT_EQ(found[1].reason, "input-content");
  EXPECT_EQ(found[1].detail, "it copies from line 2 COPY a.txt /");
}

TEST(MissCause, AnIgnoreFileMayBringOtherFilesIn) {
  const StepGraph graph = steps_of(k_file);
  const auto found = causes_of(graph, graph, {{}, "Dockerfile", ".dockerignore"}, {2, 3});
  EXPECT_EQ(found[0].reason, "input-content");
  EXPECT_EQ(found[0].detail, ".dockerignore changed");
  EXPECT_THAT(found[1].classes, ElementsAre(".dockerignore"));
}

TEST(MissCause, EqualInstructionsAreTakenInOrder) {
  const char* file = "FROM scratch\nRUN x\nCOPY a.txt /\nRUN x\n";
  const StepGraph graph = steps_of(file);
  const auto found = causes_of(graph, graph, {{{"a.txt", true}}, "Dockerfile", std::nullopt}, {1, 2});
  EXPECT_EQ(found[1].reason, "parent-rekeyed");
}

}  // namespace
}  // namespace buildlab::invalidation
