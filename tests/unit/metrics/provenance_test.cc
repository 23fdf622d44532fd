#include "framework/metrics/provenance.h"

#include "tests/unit/metrics/recorded.h"

namespace buildlab::metrics {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

TEST(Provenance, JoinsTheLinesOfAHeredocToOneRange) {
  const auto build = test::recorded("heredoc_and_link");
  ASSERT_TRUE(build.provenance);
  EXPECT_THAT(build.provenance->steps.at("step3").lines, ElementsAre(dockerfile::LineRange{3, 5}));
  EXPECT_THAT(build.provenance->steps.at("step4").lines, ElementsAre(dockerfile::LineRange{6, 9}));
  EXPECT_THAT(build.provenance->steps.at("step7").inputs, ElementsAre("step4:0", "step6:0"));
}

TEST(Provenance, AStepOfTwoInstructionsHasBothPlaces) {
  const auto build = test::recorded("same_vertex");
  ASSERT_TRUE(build.provenance);
  EXPECT_THAT(build.provenance->steps.at("step1").lines,
              ElementsAre(dockerfile::LineRange{2, 2}, dockerfile::LineRange{4, 4}));
}

TEST(Provenance, NamesTheBaseImageByDigest) {
  const auto build = test::recorded("first_build");
  ASSERT_TRUE(build.provenance);
  ASSERT_THAT(build.provenance->materials, SizeIs(1));
  EXPECT_THAT(build.provenance->materials[0].uri, HasSubstr("base@1"));
  EXPECT_TRUE(Digest::parse(build.provenance->materials[0].digest).has_value());
}

TEST(Provenance, TellsWhatStepsFetchedThemselves) {
  Provenance provenance;
  provenance.steps["step1"].source = "https://user:word@example.com/a";
  provenance.steps["step2"].source = "http://example.com/b";
  provenance.steps["step3"].source = "http://example.com/unclear";
  provenance.steps["step4"].source = "http://example.com/not-told";
  provenance.steps["step5"].source = "docker-image://docker.io/library/debian:12";
  provenance.materials = {{"https://user:word@example.com/a", "sha256:11"},
                          {"http://example.com/b", "sha256:22"},
                          {"http://example.com/b", "sha256:22"},
                          {"http://example.com/unclear", "sha256:33"},
                          {"http://example.com/unclear", "sha256:44"},
                          {"http://example.com/by-run", "sha256:55"},
                          {"http://example.com/not-told", ""}};
  EXPECT_THAT(fetched_sources(provenance),
              ElementsAre(testing::Pair("http://example.com/b", "sha256:22"),
                          testing::Pair("https://***@example.com/a", "sha256:11")));
}

using Lines = std::optional<dockerfile::LineRange>;

TEST(Provenance, TiesEachLayerToTheInstructionThatWroteIt) {
  const auto build = test::recorded("first_build");
  ASSERT_TRUE(build.provenance);
  EXPECT_THAT(
      lines_of_layers(*build.provenance, 5),
      ElementsAre(Lines({17, 17}), Lines({17, 17}), Lines({17, 17}), Lines({19, 19}), Lines({20, 20})));
  EXPECT_THAT(lines_of_layers(*build.provenance, 4), ElementsAre(Lines(), Lines(), Lines(), Lines()))
      << "another image than the one of this provenance";
}

TEST(Provenance, KnowsTheBasesLayersOnlyOfABuildThatExportedNothing) {
  const auto build = test::recorded("heredoc_and_link");
  ASSERT_TRUE(build.provenance);
  EXPECT_THAT(build.provenance->step_of_layer, SizeIs(3));
  EXPECT_TRUE(build.provenance->one_base);
  ASSERT_THAT(build.provenance->layers, SizeIs(3));
  EXPECT_THAT(build.provenance->layers.front().digest, StartsWith("sha256:601f277ce27365c1"));
  EXPECT_EQ(build.provenance->layers.front().media_type, "application/vnd.oci.image.layer.v1.tar+gzip");
  EXPECT_THAT(lines_of_layers(*build.provenance, 8), testing::Each(Lines()));
}

TEST(Provenance, LayersThatAreNotWrittenAsExpectedAreOfNoStep) {
  const std::string head =
      R"({"buildDefinition": {"internalParameters": {"buildConfig": {"digestMapping": {}, "llbDefinition": []}}},
          "runDetails": {"metadata": {"buildkit_metadata": {"layers": )";
  for (const char* layers : {"[]", "7", R"({"step0:0": []})", R"({"step0:0": [7]})",
                             R"({"step0:0": [[{"digest": 7}]]})", R"({"": [[{}]]})"}) {
    const auto provenance = parse_provenance(head + layers + "}}}}", "p.json");
    ASSERT_TRUE(provenance) << layers;
    EXPECT_THAT(provenance->step_of_layer, IsEmpty()) << layers;
  }
}

TEST(Provenance, SaysWhichFieldIsMissingOrWrong) {
  const std::pair<const char*, const char*> wrong[] = {
      {"{", "p.json:1"},
      {"[]", "buildConfig' is missing"},
      {"{}", "buildConfig' is missing"},
      {R"({"buildDefinition":{"internalParameters":{"buildConfig":{}}}})", "digestMapping"},
      {R"({"buildDefinition":{"internalParameters":{"buildConfig":{"digestMapping":{}}}}})", "llbDefinition"},
      {R"({"buildDefinition":{"internalParameters":{"buildConfig":{"digestMapping":{},"llbDefinition":[5]}}}})",
       "id"},
      {R"({"buildDefinition":{"internalParameters":{"buildConfig":{"digestMapping":{"a":1},"llbDefinition":[]}}}})",
       "digestMapping[]"},
  };
  for (const auto& [text, message] : wrong) {
    const auto parsed = parse_provenance(text, "p.json");
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_THAT(parsed.error().message, HasSubstr("p.json"));
    EXPECT_THAT(parsed.error().message, HasSubstr(message));
  }
}

TEST(Provenance, KnowsWhatTheFrontendWasAskedFor) {
  const std::string head =
      R"({"buildDefinition": {"internalParameters": {"buildConfig": {"digestMapping": {}, "llbDefinition": []}},
          "externalParameters": {"request": {"frontend": "dockerfile.v0", "args": )";
  const auto asked = parse_provenance(
      head + R"({"target": "app", "build-arg:A": "b", "build-arg:C": "", "context:base:1": "oci-layout://x",
                 "context:tools::linux/amd64": "y", "label:l": "m", "build-arg:D": 7}}}}})",
      "p.json");
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->request.target, "app");
  EXPECT_EQ(asked->request.build_args, (std::map<std::string, std::string>{{"A", "b"}, {"C", ""}}));
  EXPECT_EQ(asked->request.contexts, (std::set<std::string>{"base:1", "tools"}));
  for (const char* none : {"[]", "{}", "7", R"({"target": 7})", R"({"target": ""})"}) {
    const auto provenance = parse_provenance(head + none + "}}}}", "p.json");
    ASSERT_TRUE(provenance) << none;
    EXPECT_FALSE(provenance->request.target) << none;
  }
}

TEST(Provenance, OddLocationsAreLeftOut) {
  const auto parsed = parse_provenance(
      R"({"buildDefinition":{"internalParameters":{"buildConfig":{"digestMapping":{"v":"step0"},"llbDefinition":[{"id":"step0"}]}}},
      "runDetails":{"metadata":{"buildkit_metadata":{"source":{"infos":[{"language":"other"},{"language":"Dockerfile"}],
      "locations":{"step9":{},"step0":{"locations":[{"ranges":[{"start":{"line":7},"end":{"line":7}}]},
      {"sourceIndex":1,"ranges":[{"start":{"line":-1},"end":{"line":3}},{"start":{"line":5},"end":{"line":4}},
      {"start":{"line":99999999999},"end":{"line":99999999999}},{"start":{"line":2},"end":{"line":3}}]}]}}}}}}})",
      "p.json");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_THAT(parsed->steps.at("step0").lines, ElementsAre(dockerfile::LineRange{2, 3}));
}

}  // namespace
}  // namespace buildlab::metrics
