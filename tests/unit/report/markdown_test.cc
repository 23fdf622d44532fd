#include "framework/report/markdown_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/report/report.h"
#include "tests/support/record_builder.h"
#include "tests/unit/report/hostile_texts.h"

namespace buildlab::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using verdict::Outcome;
using verdict::Ruling;

TEST(MarkdownText, KeepsOrdinaryWords) {
  EXPECT_EQ(markdown_text("Dockerfile:2 RUN apt-get install -y g++"),
            "Dockerfile:2 RUN apt-get install -y g++");
}

TEST(MarkdownText, RefersToCharactersThatMeanSomething) {
  EXPECT_EQ(markdown_text("a|b `c` <d> &e *f* \\|"),
            "a&#124;b &#96;c&#96; &#60;d&#62; &#38;e &#42;f&#42; &#92;&#124;");
  EXPECT_EQ(markdown_text("# no heading"), "&#35; no heading");
  EXPECT_EQ(markdown_text("1. no list"), "&#49;. no list");
  EXPECT_EQ(markdown_text("two\nlines"), "two lines");
}

TEST(MarkdownText, LetsNoHtmlOrTableThrough) {
  for (const std::string& text : testing::hostile_texts()) {
    const std::string safe = markdown_text(text);
    EXPECT_EQ(safe.find_first_of("<>|`\n"), std::string::npos) << safe;
  }
}

TEST(MarkdownFence, CannotBeEndedFromWithin) {
  EXPECT_EQ(markdown_fence({"a", "```", "````b"}), "`````text\na\n```\n````b\n`````\n");
}

TEST(MarkdownFence, CutsLongEvidence) {
  const std::string text = markdown_fence(std::vector<std::string>(250, "line"));
  EXPECT_THAT(text, HasSubstr("… 50 more lines\n```"));
}

TEST(MarkdownReport, BeginsWithTheAnswer) {
  auto edit = testing::edit_record();
  edit.outcome = Outcome::gate_failed;
  const std::string text = to_markdown({{testing::cold_record(), testing::warm_record(), edit}});
  EXPECT_THAT(text, StartsWith("## Build Lab: app, 2 passed, 1 gate failed\n\n"
                               "| cold | warm | cache hit ratio | digest stability |\n"
                               "| --- | --- | --- | --- |\n"
                               "| 16.2s | 0.39s | 0.80 | not evaluated |\n"));
}

TEST(MarkdownReport, ShowsStepsWithTheirLines) {
  const std::string text = to_markdown({{testing::cold_record()}});
  EXPECT_THAT(
      text,
      HasSubstr("| Dockerfile:2 | build | <code>RUN apt-get update &#38;&#38; apt-get install -y g++</code>"
                " | ran | 11.8s | 73 % |\n"));
}

TEST(MarkdownReport, SaysWhereABaseCameFrom) {
  auto record = testing::cold_record();
  record.circumstances.bases[0].made_locally = true;
  record.circumstances.bases[0].trusts_host_authorities = true;
  EXPECT_THAT(to_markdown({{record}}),
              HasSubstr("| made locally, trusts the host's certificate authorities |"));
}

TEST(MarkdownReport, ShowsTheEvidenceOfEachFailedGate) {
  auto record = testing::edit_record();
  record.outcome = Outcome::gate_failed;
  record.gates = {{"ok_gate", Ruling::pass, "fine", {"hidden"}, {}, {}},
                  {"min_hit_ratio", Ruling::fail, "0.40 < 0.5", {"Dockerfile:4 COPY"}, {}, {}}};
  const std::string text = to_markdown({{record}});
  EXPECT_THAT(text,
              HasSubstr("**min_hit_ratio** failed: 0.40 &#60; 0.5\n\n```text\nDockerfile:4 COPY\n```\n"));
  EXPECT_THAT(text, Not(HasSubstr("hidden")));
}

TEST(MarkdownReport, LeavesWholeSectionsOutAboveOneMebibyte) {
  ReportInput input{std::vector<record::ScenarioRecord>(40, testing::cold_record())};
  for (record::ScenarioRecord& record : input.records) {
    record.outcome = Outcome::gate_failed;
    record.gates = {{"g", Ruling::fail, "m", std::vector<std::string>(200, std::string(990, 'x')), {}, {}}};
  }
  const std::string text = to_markdown(input);
  EXPECT_LE(text.size(), 1U << 20U);
  EXPECT_THAT(text, HasSubstr("sections are left out, because GitHub shows at most 1 MiB"));
  EXPECT_THAT(text, HasSubstr("### Scenarios"));
}

TEST(MarkdownReport, HandlesNoRecord) {
  EXPECT_THAT(to_markdown(ReportInput{}), HasSubstr("Nothing is recorded yet."));
}

}  // namespace
}  // namespace buildlab::report
