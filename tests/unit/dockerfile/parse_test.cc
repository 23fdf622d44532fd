#include "framework/dockerfile/dockerfile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::dockerfile {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Dockerfile parsed(std::string_view text) {
  auto file = parse_dockerfile(text, "Dockerfile");
  EXPECT_TRUE(file) << (file ? "" : file.error().message);
  return file.value_or(Dockerfile{});
}

std::string error_of(std::string_view text) {
  const auto file = parse_dockerfile(text, "docker/Dockerfile");
  if (file) return "no error";
  EXPECT_EQ(file.error().kind, ErrorKind::usage);
  return file.error().message;
}

TEST(Parse, StagesHaveNamesBasesAndPlatforms) {
  const Dockerfile file = parsed(
      "# syntax=docker/dockerfile:1\n"
      "ARG BASE=debian:bookworm-slim\n"
      "FROM --platform=$BUILDPLATFORM $BASE AS Build\n"
      "RUN make\n"
      "FROM scratch\n"
      "COPY --from=build /out /out\n");
  EXPECT_EQ(file.syntax, "docker/dockerfile:1");
  ASSERT_EQ(file.global_arguments.size(), 1U);
  EXPECT_THAT(file.global_arguments[0].arguments, ElementsAre("BASE=debian:bookworm-slim"));
  ASSERT_EQ(file.stages.size(), 2U);
  EXPECT_EQ(file.stages[0].name, "build");
  EXPECT_EQ(file.stages[0].base, "$BASE");
  EXPECT_EQ(file.stages[0].platform, "$BUILDPLATFORM");
  EXPECT_EQ(file.stages[0].label(), "build");
  EXPECT_EQ(file.stages[1].label(), "stage-1");
  EXPECT_THAT(file.stages[1].instructions[0].flags, ElementsAre("--from=build"));
  EXPECT_THAT(file.stages[1].instructions[0].arguments, ElementsAre("/out", "/out"));
}

TEST(Parse, ContinuationsJoinWithOneBlankAndCommentsInsideAreLeftOut) {
  const Dockerfile file = parsed(
      "FROM scratch\n"
      "RUN apt-get update && \\\n"
      "    # why\n"
      "\n"
      "    apt-get install -y \\  \n"
      "      curl\n"
      "USER me\n");
  const auto& steps = file.stages[0].instructions;
  EXPECT_EQ(steps[0].text, "RUN apt-get update && apt-get install -y curl");
  EXPECT_EQ(steps[0].lines, (LineRange{2, 6}));
  EXPECT_EQ(steps[1].lines, (LineRange{7, 7}));
}

TEST(Parse, AContinuationInsideAWordAddsNoBlank) {
  EXPECT_EQ(parsed("FROM scratch\nRUN ab\\\ncd\n").stages[0].instructions[0].text, "RUN abcd");
}

TEST(Parse, AnEscapedBackslashAtTheEndContinuesNothing) {
  const Dockerfile file = parsed("FROM scratch\nRUN echo \\\\\nUSER me\n");
  EXPECT_EQ(file.stages[0].instructions.size(), 2U);
}

TEST(Parse, TheEscapeDirectiveChangesTheContinuation) {
  const Dockerfile file = parsed("# escape=`\nFROM scratch\nCOPY a `\n  C:\\\nUSER me\n");
  EXPECT_EQ(file.escape, '`');
  ASSERT_EQ(file.stages[0].instructions.size(), 2U);
  EXPECT_THAT(file.stages[0].instructions[0].arguments, ElementsAre("a", "C:\\"));
}

TEST(Parse, ADirectiveBehindAnythingElseIsAComment) {
  EXPECT_EQ(parsed("# hello\n# escape=`\nFROM scratch\n").escape, '\\');
  EXPECT_EQ(parsed("\n# syntax=a/b\nFROM scratch\n").syntax, std::nullopt);
  EXPECT_EQ(parsed("# unknown=1\n# syntax=a/b\nFROM scratch\n").syntax, std::nullopt);
  EXPECT_EQ(parsed("#!/usr/bin/env x\n# syntax=a/b\nFROM scratch\n").syntax, "a/b");
}

TEST(Parse, ByteOrderMarkCarriageReturnsAndLowerCaseAreAccepted) {
  const Dockerfile file = parsed(
      "\xEF\xBB\xBF"
      "from scratch\r\nrun echo a \\\r\n  b\r\n");
  ASSERT_EQ(file.stages.size(), 1U);
  EXPECT_EQ(file.stages[0].instructions[0].keyword, "RUN");
  EXPECT_EQ(file.stages[0].instructions[0].text, "run echo a b");
  EXPECT_EQ(file.stages[0].instructions[0].lines, (LineRange{2, 3}));
}

TEST(Parse, HeredocsBelongToTheirInstruction) {
  const Dockerfile file = parsed(
      "FROM scratch\n"
      "COPY <<one <<-\"two\" /etc/\n"
      "first\n"
      "one\n"
      "\tsecond\n"
      "\ttwo\n"
      "RUN <<EOF\n"
      "FROM nothing\n"
      "EOF\n"
      "USER me\n");
  const auto& steps = file.stages[0].instructions;
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_THAT(steps[0].heredocs, ElementsAre("first\n", "\tsecond\n"));
  EXPECT_EQ(steps[0].lines, (LineRange{2, 6}));
  EXPECT_THAT(steps[1].heredocs, ElementsAre("FROM nothing\n"));
  EXPECT_EQ(steps[1].lines, (LineRange{7, 9}));
}

TEST(Parse, WhatOnlyLooksLikeAHeredocIsNone) {
  const Dockerfile file = parsed(
      "FROM scratch\nRUN cat<<EOF\nRUN cat <<<EOF\nRUN echo $((1<<2))\nRUN [\"echo\", \"<<EOF\"]\nENV "
      "A=<<EOF\n"
      "RUN echo '<<EOF'\n");
  EXPECT_EQ(file.stages[0].instructions.size(), 6U);
}

TEST(Parse, OnbuildCarriesHeredocs) {
  const Dockerfile file = parsed("FROM scratch\nONBUILD RUN <<EOF\nmake\nEOF\n");
  EXPECT_THAT(file.stages[0].instructions[0].heredocs, ElementsAre("make\n"));
  EXPECT_THAT(file.stages[0].instructions[0].arguments, ElementsAre("RUN <<EOF"));
}

TEST(Parse, ShellFormIsOneArgumentAndExecFormIsItsWords) {
  const Dockerfile file = parsed(
      "FROM scratch\n"
      "RUN --mount=type=cache,target=/c --network=none a  b\n"
      "RUN [\"a\", \"b c\"]\n"
      "RUN [ \"a\" = b ]\n"
      "COPY [\"x y\", \"/z\"]\n"
      "HEALTHCHECK --interval=5s CMD [\"c\"]\n");
  const auto& steps = file.stages[0].instructions;
  EXPECT_THAT(steps[0].flags, ElementsAre("--mount=type=cache,target=/c", "--network=none"));
  EXPECT_THAT(steps[0].arguments, ElementsAre("a  b"));
  EXPECT_THAT(steps[1].arguments, ElementsAre("a", "b c"));
  EXPECT_THAT(steps[2].arguments, ElementsAre("[ \"a\" = b ]"));
  EXPECT_THAT(steps[3].arguments, ElementsAre("x y", "/z"));
  EXPECT_THAT(steps[4].arguments, ElementsAre("CMD", "c"));
}

TEST(Parse, ErrorsNameFileLineAndCause) {
  EXPECT_EQ(error_of("FROM scratch\n\nRUM make\n"),
            "docker/Dockerfile:3: unknown instruction \"RUM\", did you mean RUN?");
  EXPECT_EQ(error_of("RUN make\n"), "docker/Dockerfile:1: RUN stands before the first FROM");
  EXPECT_EQ(error_of("# only\n"), "docker/Dockerfile:1: the file has no FROM, so there is nothing to build");
  EXPECT_EQ(error_of(""), "docker/Dockerfile:1: the file has no FROM, so there is nothing to build");
  EXPECT_EQ(error_of("FROM a b\n"), "docker/Dockerfile:1: FROM takes an image, or an image and \"AS name\"");
  EXPECT_THAT(error_of("FROM a AS 1x\n"), HasSubstr("docker/Dockerfile:1: \"1x\" is no name for a stage"));
  EXPECT_EQ(error_of("FROM a\nRUN <<EOF\nx\n"),
            "docker/Dockerfile:2: the heredoc <<EOF has no line \"EOF\" that ends it");
  EXPECT_EQ(error_of("FROM a\nRUN [1]\n"),
            "docker/Dockerfile:2: an array in JSON form may hold strings only");
  EXPECT_EQ(error_of("# escape=x\nFROM a\n"),
            "docker/Dockerfile:1: the escape directive takes \\ or `, not \"x\"");
  EXPECT_EQ(error_of("# syntax=a\n# syntax=b\nFROM a\n"),
            "docker/Dockerfile:2: only one syntax directive can be used");
  EXPECT_EQ(error_of("FROM a\nONBUILD FROM b\n"), "docker/Dockerfile:2: FROM may not stand in ONBUILD");
}

TEST(Parse, LinesAboveBuildKitsLimitAreRefused) {
  const std::string fits = "FROM a\nRUN " + std::string(65531, 'x') + "\n";
  const std::string too_long = "FROM a\nRUN " + std::string(65532, 'x') + "\n";
  EXPECT_TRUE(parse_dockerfile(fits, "Dockerfile"));
  EXPECT_THAT(error_of(too_long), HasSubstr("docker/Dockerfile:2: the line has 65536 bytes"));
}

// Any bytes give a value or an error, never a crash: every prefix of a file with all the constructs, and the
// file with one byte replaced.
TEST(Parse, SurvivesDamagedFiles) {
  const std::string whole =
      "# syntax=a/b\n# escape=`\nARG A=${B:-x}\nFROM --platform=$T i AS s\nRUN --mount=type=bind,from=s <<A "
      "<<-'B'\n"
      "x\nA\n\ty\n\tB\nCOPY [\"a\", \"b\"]\nENV A=\"b c\" D=e`\n # c\n f\nONBUILD COPY --from=0 a b\n";
  for (std::size_t i = 0; i < whole.size(); ++i) {
    (void)parse_dockerfile(whole.substr(0, i), "D");
    for (const char c : {'\0', '\xFF', '\n', '"', '\\', '<', '$', '{'}) {
      std::string damaged = whole;
      damaged[i] = c;
      const auto file = parse_dockerfile(damaged, "D");
      if (file) (void)needed_stages(*file, std::nullopt, {});
    }
  }
}

TEST(Parse, OnlyFourInstructionsCountForHitRatios) {
  const Dockerfile file = parsed("FROM a\nRUN x\nCOPY a b\nADD a b\nWORKDIR /\nENV A=1\nONBUILD RUN x\n");
  std::vector<bool> cacheable;
  for (const Instruction& instruction : file.stages[0].instructions)
    cacheable.push_back(is_cacheable(instruction));
  EXPECT_THAT(cacheable, ElementsAre(true, true, true, true, false, false));
}

TEST(Parse, AStageDoesFirstWhatItsBasesTriggersSay) {
  const auto file = parse_dockerfile(
      "FROM scratch AS Base\nRUN a\nONBUILD RUN b  c\nONBUILD ENV X=1\nonbuild copy --from=base /x /y\n"
      "FROM base AS next\nWORKDIR /w\nFROM next\nRUN d\n",
      "Dockerfile");
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->stages[0].triggers.empty());
  const auto steps = cacheable_steps(file->stages[1]);
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0]->keyword, "RUN");
  EXPECT_EQ(steps[0]->text, "ONBUILD RUN b  c");
  EXPECT_EQ(steps[0]->lines, (LineRange{6, 6}));
  EXPECT_EQ(steps[1]->keyword, "COPY");
  EXPECT_EQ(steps[2]->text, "WORKDIR /w");
  EXPECT_TRUE(file->stages[2].triggers.empty()) << "a trigger goes no further than one stage";
}

}  // namespace
}  // namespace buildlab::dockerfile
