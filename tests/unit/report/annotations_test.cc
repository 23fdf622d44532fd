#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "framework/report/report.h"
#include "tests/support/record_builder.h"
#include "tests/unit/report/hostile_texts.h"

namespace buildlab::report {
namespace {

using verdict::Outcome;
using verdict::Ruling;

record::ScenarioRecord failing(std::vector<verdict::Verdict> gates) {
  auto record = testing::edit_record();
  record.outcome = Outcome::gate_failed;
  record.gates = std::move(gates);
  return record;
}

TEST(GithubAnnotations, PointAtTheLineOfTheDockerfile) {
  EXPECT_EQ(
      to_github_annotations(
          {{failing({{"expect_cached", Ruling::fail, "deps ran", {"RUN npm ci"}, "docker/Dockerfile", 7}})}}),
      "::error file=docker/Dockerfile,line=7,title=app.edit%3A expect_cached failed::deps ran%0ARUN npm "
      "ci\n");
}

TEST(GithubAnnotations, AreSilentAboutWhatPassed) {
  EXPECT_EQ(to_github_annotations({{testing::cold_record()}}), "");
  EXPECT_EQ(to_github_annotations({{failing({{"a", Ruling::pass, "fine", {}, {}, {}},
                                             {"b", Ruling::fail, "bad", {}, "Dockerfile", 2}})}}),
            "::error file=Dockerfile,line=2,title=app.edit%3A b failed::bad\n");
}

TEST(GithubAnnotations, NameWhatCouldNotBeEvaluated) {
  EXPECT_EQ(to_github_annotations(
                {{failing({{"max_duration_ratio", Ruling::not_evaluated, "no record", {}, {}, {}}})}}),
            "::error file=Dockerfile,line=1,title=app.edit%3A max_duration_ratio not evaluated::no record\n");
}

TEST(GithubAnnotations, EscapeWhatTheCommandWouldDecode) {
  EXPECT_EQ(to_github_annotations({{failing({{"g", Ruling::fail, "50%0A: a, b", {}, "a,b:c%", 1}})}}),
            "::error file=a%2Cb%3Ac%25,line=1,title=app.edit%3A g failed::50%250A: a, b\n");
}

TEST(GithubAnnotations, TellWhatStoppedAScenario) {
  auto record = testing::record("app.cold", "cold", {});
  record.outcome = Outcome::infrastructure;
  record.error = "no builder";
  EXPECT_EQ(to_github_annotations({{record}}),
            "::error file=buildlab.json,line=4,title=app.cold%3A infrastructure error::no builder\n");
}

TEST(GithubAnnotations, AreOneCommandALineWhateverTheTextsAre) {
  std::vector<verdict::Verdict> gates;
  for (const std::string& text : testing::hostile_texts())
    gates.push_back({text, Ruling::fail, text, {text}, text, 1});
  const std::string text = to_github_annotations({{failing(gates)}});
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), gates.size());
  std::size_t commands = 0;
  for (std::size_t at = text.find("::error "); at != std::string::npos; at = text.find("::error ", at + 1))
    ++commands;
  EXPECT_EQ(commands, gates.size());
}

}  // namespace
}  // namespace buildlab::report
