#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/dockerfile/dockerfile.h"

namespace buildlab::dockerfile {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view k_file =
    "# syntax=docker/dockerfile:1\n"
    "ARG BASE=debian:bookworm-slim\n"
    "ARG VARIANT\n"
    "FROM $BASE AS deps\n"
    "FROM deps AS build\n"
    "RUN --mount=type=bind,from=tools,source=/x,target=/x make\n"
    "FROM alpine:3 AS tools\n"
    "FROM unused:1 AS lint\n"
    "FROM app${VARIANT:+-$VARIANT}:1 AS runtime\n"
    "COPY --from=build /a /a\n"
    "COPY --from=nginx:latest /b /b\n"
    "COPY --from=2 /c /c\n"
    "FROM runtime AS debug\n";

Dockerfile stages_of(std::string_view text) {
  auto file = parse_dockerfile(text, "Dockerfile");
  EXPECT_TRUE(file) << (file ? "" : file.error().message);
  return file.value_or(Dockerfile{});
}

using Args = std::map<std::string, std::string>;

TEST(Stages, ATargetNeedsWhatItStartsFromAndCopiesFrom) {
  const Dockerfile file = stages_of(k_file);
  EXPECT_THAT(needed_stages(file, "deps", {}).value(), ElementsAre(0));
  EXPECT_THAT(needed_stages(file, "build", {}).value(), ElementsAre(0, 2, 1));
  EXPECT_THAT(needed_stages(file, "Runtime", {}).value(), ElementsAre(0, 1, 2, 4));
  EXPECT_THAT(needed_stages(file, std::nullopt, {}).value(), ElementsAre(0, 1, 2, 4, 5));
}

TEST(Stages, AnUnknownTargetNamesTheKnownOnes) {
  const auto unknown = needed_stages(stages_of(k_file), "runtme", {});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::usage);
  EXPECT_EQ(unknown.error().message,
            "there is no stage \"runtme\"; known: deps, build, tools, lint, runtime, debug");
  EXPECT_THAT(unknown.error().details, ElementsAre("did you mean \"runtime\"?"));
  EXPECT_FALSE(needed_stages(stages_of(k_file), "1", {}));
}

TEST(Stages, ImagesFromOutsideAreExpandedAndListedOnce) {
  const Dockerfile file = stages_of(k_file);
  EXPECT_THAT(
      external_images(file, "runtime", {}).value(),
      ElementsAre("debian:bookworm-slim", "alpine:3", "app:1", "nginx:latest", "docker/dockerfile:1"));
  EXPECT_THAT(external_images(file, "runtime", Args{{"VARIANT", "slim"}, {"BASE", "alpine:3"}}).value(),
              ElementsAre("alpine:3", "app-slim:1", "nginx:latest", "docker/dockerfile:1"));
}

TEST(Stages, PlatformVariablesAreKnownInFrom) {
  const Dockerfile file = stages_of("FROM base-$TARGETARCH$TARGETVARIANT:$TARGETOS\n");
  EXPECT_THAT(external_images(file, std::nullopt, {}, "linux/arm/v7").value(),
              ElementsAre("base-armv7:linux"));
  EXPECT_THAT(external_images(file, std::nullopt, Args{{"TARGETARCH", "x"}}, "linux/arm64").value(),
              ElementsAre("base-x:linux"));
}

TEST(Stages, ScratchIsNoImageAndAnEmptyNameIsAnError) {
  EXPECT_THAT(external_images(stages_of("FROM scratch\n"), std::nullopt, {}).value(), ElementsAre());
  const auto empty = external_images(stages_of("ARG B\n\nFROM $B\n"), std::nullopt, {});
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error().message, HasSubstr("line 3: FROM $B names no image"));
}

TEST(Stages, TriggersOfABaseStageAreRunByTheStageThatStartsFromIt) {
  const Dockerfile file = stages_of(
      "FROM a AS tools\nFROM b AS base\nONBUILD COPY --from=tools /x /x\nFROM base AS app\nFROM c AS "
      "other\n");
  EXPECT_THAT(needed_stages(file, "base", {}).value(), ElementsAre(1));
  EXPECT_THAT(needed_stages(file, "app", {}).value(), ElementsAre(0, 1, 2));
}

TEST(Stages, ANameMeansTheStageAboveInFromAndTheLastOneInCopy) {
  const Dockerfile file = stages_of("FROM x AS a\nFROM a AS b\nFROM y AS a\nFROM z\nCOPY --from=a / /\n");
  EXPECT_THAT(needed_stages(file, "b", {}).value(), ElementsAre(0, 1));
  EXPECT_THAT(needed_stages(file, std::nullopt, {}).value(), ElementsAre(2, 3));
}

TEST(Stages, AStageOfItsOwnNameStartsFromTheImage) {
  EXPECT_THAT(external_images(stages_of("FROM node AS node\n"), "node", {}).value(), ElementsAre("node"));
}

TEST(Stages, AStageNumberOutOfRangeIsAnError) {
  const auto wrong = needed_stages(stages_of("FROM a\nCOPY --from=7 / /\n"), std::nullopt, {});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "line 2: there is no stage 7; stages are 0 to 0");
}

TEST(Stages, ACircleEnds) {
  const Dockerfile file =
      stages_of("FROM a AS one\nCOPY --from=two / /\nFROM b AS two\nCOPY --from=one / /\n");
  EXPECT_THAT(needed_stages(file, "two", {}).value(), ElementsAre(0, 1));
}

}  // namespace
}  // namespace buildlab::dockerfile
