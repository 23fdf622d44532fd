#include "tests/unit/rules/rule_fixture.h"

namespace buildlab::gates {
namespace {

using scenario::DigestPolicy;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using verdict::Ruling;
using verdict::Verdict;

record::ScenarioRecord two_builds(const record::ImageRow& a, const record::ImageRow& b) {
  auto record =
      testing::record("app.same", "reproducibility",
                      {testing::build(testing::cold_steps(), 16), testing::build(testing::cold_steps(), 17)});
  record.builds[0].image = a;
  record.builds[0].builder = "A";
  record.builds[1].image = b;
  record.builds[1].builder = "B";
  return record;
}

Verdict judge_digest(const record::ScenarioRecord& record, DigestPolicy policy) {
  scenario::GateSettings settings;
  settings.digest_stable = policy;
  return verdict_of("digest_stable", record, settings);
}

// Differs from image("app") in how its second layer is compressed: manifest and blob digest, nothing else.
record::ImageRow compressed_otherwise() {
  record::ImageRow image = testing::image("app");
  image.digest = testing::digest("other compression");
  image.layers[1].digest = testing::digest("other blob");
  return image;
}

// Differs in the config only.
record::ImageRow configured_otherwise() {
  record::ImageRow image = testing::image("app");
  image.digest = testing::digest("other history");
  image.config_digest = testing::digest("other config");
  return image;
}

TEST(DigestStable, PassesOnOneDigestAndNamesIt) {
  const Verdict verdict =
      judge_digest(two_builds(testing::image("app"), testing::image("app")), DigestPolicy::manifest);
  EXPECT_EQ(verdict.ruling, Ruling::pass);
  EXPECT_THAT(verdict.message, HasSubstr(testing::digest("app manifest")));
}

TEST(DigestStable, NamesTheStepThatWroteADifferingLayer) {
  auto a = testing::image("a");
  auto b = testing::image("b");
  const auto steps = testing::cold_steps();
  const auto& step = steps.back();
  a.layers[1].lines = b.layers[1].lines = step.lines;
  const auto record = two_builds(a, b);
  const Verdict verdict = judge_digest(record, DigestPolicy::manifest);
  EXPECT_THAT(verdict.evidence,
              Contains(HasSubstr(fmt::format("layer 2 of 2 differs in content (DiffID), written by {}:{} {}",
                                             record.dockerfile_path, step.lines.first, step.text))));
  EXPECT_EQ(verdict.line, step.lines.first);
}

TEST(DigestStable, TellsInputsThatMovedAndWhoReadThem) {
  auto record = two_builds(testing::image("a"), testing::image("b"));
  record::MovedInput input;
  input.headline = "VERS: left-pad 1.3.0 → 1.3.1 (npm), read by Dockerfile:7 RUN npm install";
  input.a = {{"https://e/left-pad-1.3.0.tgz", "sha256:1"}};
  input.b = {{"https://e/left-pad-1.3.1.tgz", "sha256:2"}, {"https://e/2", ""}, {"https://e/3", "sha256:3"}};
  input.lines = {{7, 8}};
  input.fix = "npm ci";
  record.drift.emplace_back();
  record.drift[0].build_a = 1;
  record.drift[0].build_b = 2;
  record.drift[0].moved_inputs.assign(8, input);
  record.drift[0].moved_inputs_left_out = 3;
  const Verdict verdict = judge_digest(record, DigestPolicy::manifest);
  EXPECT_THAT(verdict.evidence, Contains("input " + input.headline).Times(6));
  for (const char* line :
       {"  build 1: https://e/left-pad-1.3.0.tgz sha256:1",
        "  build 2: https://e/left-pad-1.3.1.tgz sha256:2", "  build 2: https://e/2 (no digest)",
        "  1 more URLs", "  fix: npm ci", "5 more inputs; the record has them"}) {
    EXPECT_THAT(verdict.evidence, Contains(std::string(line))) << line;
  }
  EXPECT_EQ(verdict.line, 7);
}

TEST(DigestStable, ALayerOfTheBaseIsFromItsFrom) {
  auto a = testing::image("a");
  auto b = testing::image("b");
  b.layers[0].diff_id = testing::digest("another base");
  a.layers[0].lines = b.layers[0].lines = dockerfile::LineRange{1, 1};
  const auto record = two_builds(a, b);
  EXPECT_THAT(judge_digest(record, DigestPolicy::manifest).evidence,
              Contains(HasSubstr("differs in content (DiffID), from " + record.dockerfile_path + ":1")));
}

TEST(DigestStable, FailsOnTwoDigestsAndSaysWhichBuildHasWhich) {
  const Verdict verdict =
      judge_digest(two_builds(testing::image("a"), testing::image("b")), DigestPolicy::manifest);
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_THAT(verdict.message, AllOf(HasSubstr("2 different manifest digests"),
                                     HasSubstr("configs different"), HasSubstr("DiffIDs different")));
  EXPECT_THAT(verdict.evidence,
              Contains(fmt::format("manifest {}: build 1 (builder A)", testing::digest("a manifest"))));
  EXPECT_THAT(verdict.evidence,
              Contains(fmt::format("config {}: build 2 (builder B)", testing::digest("b config"))));
  EXPECT_THAT(verdict.evidence, Contains(HasSubstr("layer 2 of 2 differs in content")));
  EXPECT_THAT(verdict.evidence, Not(Contains(HasSubstr("layer 1 of 2"))));
  EXPECT_EQ(verdict.file, "Dockerfile");
}

TEST(DigestStable, TellsCompressionFromContent) {
  const auto record = two_builds(testing::image("app"), compressed_otherwise());
  const Verdict strict = judge_digest(record, DigestPolicy::manifest);
  EXPECT_EQ(strict.ruling, Ruling::fail);
  EXPECT_THAT(strict.message, AllOf(HasSubstr("configs the same"), HasSubstr("DiffIDs the same")));
  EXPECT_THAT(strict.evidence, Contains(HasSubstr("layer 2 of 2 differs in compression only")));
  const Verdict config = judge_digest(record, DigestPolicy::config);
  EXPECT_EQ(config.ruling, Ruling::pass);
  EXPECT_THAT(config.message, HasSubstr("2 manifests are tolerated"));
}

TEST(DigestStable, APolicyToleratesWhatItNamesAndNothingElse) {
  const auto other_config = two_builds(testing::image("app"), configured_otherwise());
  EXPECT_EQ(judge_digest(other_config, DigestPolicy::manifest).ruling, Ruling::fail);
  EXPECT_EQ(judge_digest(other_config, DigestPolicy::config).ruling, Ruling::fail);
  EXPECT_EQ(judge_digest(other_config, DigestPolicy::layers).ruling, Ruling::pass);
  const auto other_content = two_builds(testing::image("a"), testing::image("b"));
  EXPECT_EQ(judge_digest(other_content, DigestPolicy::layers).ruling, Ruling::fail);
}

TEST(DigestStable, OneBuildAloneShowsNothing) {
  const Verdict verdict = judge_digest(testing::cold_record(), DigestPolicy::manifest);
  EXPECT_EQ(verdict.ruling, Ruling::not_evaluated);
  EXPECT_THAT(verdict.evidence, Contains(HasSubstr("runs")));
}

TEST(DigestStable, ABuildWithoutImageShowsNothing) {
  auto record = two_builds(testing::image("app"), testing::image("app"));
  record.builds[1].image.reset();
  EXPECT_EQ(judge_digest(record, DigestPolicy::manifest).ruling, Ruling::not_evaluated);
}

TEST(DigestStable, AnotherNumberOfLayersIsSaid) {
  record::ImageRow longer = testing::image("app");
  longer.digest = testing::digest("longer");
  longer.layers.push_back({testing::digest("x"), testing::digest("y"), 1});
  const Verdict verdict = judge_digest(two_builds(testing::image("app"), longer), DigestPolicy::manifest);
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_THAT(verdict.evidence, Contains(HasSubstr("build 2 (builder B) has 3")));
}

TEST(DigestStable, PassesWhereThePoliciesPassOverAllThatDiffers) {
  const auto a = testing::image("a");
  auto b = testing::image("b");
  b.same_as = a.digest;
  b.passed_over = {{"path=var/log/*,content", "logs are rotated", 3}};
  const Verdict verdict = judge_digest(two_builds(a, b), DigestPolicy::manifest);
  EXPECT_EQ(verdict.ruling, Ruling::pass);
  EXPECT_THAT(verdict.message, AllOf(HasSubstr("2 different manifest digests"),
                                     HasSubstr("passes over all that differs (3 diff")));
  EXPECT_THAT(
      verdict.evidence,
      Contains(AllOf(HasSubstr("B"), HasSubstr("passed over: 3 differences by \"path=var/log/*,content\": "
                                               "logs are rotated"))));
}

TEST(DigestStable, FailsWhereOneOfSeveralIsNotCoveredByThePolicies) {
  const auto a = testing::image("a");
  auto b = testing::image("b");
  b.same_as = a.digest;
  auto record = two_builds(a, b);
  record.builds.push_back(record.builds[1]);
  record.builds[2].iteration = 3;
  record.builds[2].image = testing::image("c");
  const Verdict verdict = judge_digest(record, DigestPolicy::manifest);
  EXPECT_EQ(verdict.ruling, Ruling::fail);
  EXPECT_THAT(verdict.message, HasSubstr("3 builds, 2 different manifest digests"));
}

}  // namespace
}  // namespace buildlab::gates
