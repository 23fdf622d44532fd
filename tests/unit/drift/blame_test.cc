#include "framework/drift/blame.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::drift {
namespace {

using ::testing::HasSubstr;

metrics::Provenance provenance() {
  metrics::Provenance result;
  result.dockerfile_name = "Dockerfile";
  result.dockerfile_text = "FROM base\nRUN one\nCOPY two \\\n  /three\n";
  result.steps["step0"] = {"step0", {}, {{1, 1}}};
  result.steps["step1"] = {"step1", {"step0:0"}, {{2, 2}}};
  result.steps["step2"] = {"step2", {"step1:0"}, {{3, 4}}};
  result.step_of_layer = {"step0", "step1", "step2"};
  return result;
}

image::Layer layer(const std::string& digest,
                   const std::string& media_type = "vnd.oci.image.layer.v1.tar+gzip") {
  return {sha256(digest), sha256(digest), Bytes{1}, media_type};
}

metrics::Provenance with_layers(const std::vector<std::string>& digests) {
  metrics::Provenance result = provenance();
  result.one_base = true;
  result.steps["step0"].source = "docker-image://docker.io/library/base:1";
  for (const std::string& digest : digests)
    result.layers.push_back({sha256(digest).text(), "application/vnd.oci.image.layer.v1.tar+gzip"});
  return result;
}

class Blame : public ::testing::Test {
 protected:
  // The notes; "" when all was believed.
  std::string notes(const metrics::Provenance& a, const Layers& layers_a, const metrics::Provenance& b,
                    const Layers& layers_b) {
    options = {};
    const bool believed = blame(options, {a, layers_a, config}, {b, layers_b, config});
    EXPECT_EQ(believed, options.notes.empty() || options.notes.front().find("not used") == std::string::npos);
    return fmt::format("{}", fmt::join(options.notes, "\n"));
  }

  Options options;
  Json config = Json::object();  // of both images
};

Json with_history(const std::vector<std::string>& created_by) {
  Json history = Json::array();
  for (const std::string& text : created_by) history.push_back({{"created_by", text}});
  return Json{{"os", "linux"}, {"architecture", "amd64"}, {"history", std::move(history)}};
}

TEST_F(Blame, NamesTheInstructionThatWroteALayer) {
  const Layers three = {layer("x"), layer("y"), layer("z")};
  EXPECT_EQ(notes(provenance(), three, provenance(), three), "");
  const auto run = options.step_of_layer(true, 1);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->file, "Dockerfile");
  EXPECT_EQ(run->text, "RUN one");
  const auto copy = options.step_of_layer(true, 2);
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy->lines, (dockerfile::LineRange{3, 4}));
  EXPECT_EQ(copy->text, "COPY two /three");
  EXPECT_FALSE(options.step_of_layer(true, 3));
}

TEST_F(Blame, OfAnotherNumberOfLayersIsBelievedWhereTheHistoryIsThatOfTheDockerfile) {
  // With the proxy network BuildKit knows only the layers below the first step that had it.
  auto told = provenance();
  told.step_of_layer = {"step0"};
  told.started = WallTime(std::chrono::seconds(10));
  told.finished = WallTime(std::chrono::seconds(20));
  const Layers three = {layer("x"), layer("y"), layer("z")};
  config = with_history({"the base", "RUN /bin/sh -c one # buildkit", "COPY two /three # buildkit"});
  EXPECT_EQ(notes(told, three, told, three), "");
  ASSERT_TRUE(options.step_of_layer(true, 2));
  EXPECT_EQ(options.step_of_layer(true, 2)->text, "COPY two /three");
  ASSERT_TRUE(options.step_of_layer(false, 0));
  EXPECT_EQ(options.step_of_layer(false, 0)->text, "FROM base");
  EXPECT_TRUE(options.surroundings.build_a);
  EXPECT_TRUE(options.surroundings.build_b);
}

TEST_F(Blame, OfAnotherNumberOfLayersIsNotBelievedWhereTheHistoryIsAnother) {
  auto told = provenance();
  told.started = WallTime(std::chrono::seconds(10));
  told.finished = WallTime(std::chrono::seconds(20));
  const Layers two = {layer("x"), layer("y")};
  const std::string knows =
      "of B is not of this image, and was not used: it knows 3 layers and the image has 2, and "
      "the image's history is ";
  for (const auto& [history, why] : std::vector<std::pair<Json, std::string>>{
           {Json::object(), "not that of its Dockerfile"},
           {with_history({"RUN /bin/sh -c one # buildkit", "COPY two /four # buildkit"}),
            "not that of its Dockerfile"},
           {with_history({"RUN /bin/sh -c other # buildkit", "COPY two /three # buildkit"}),
            "only in part that of its Dockerfile"}}) {
    config = history;
    EXPECT_THAT(notes(told, {layer("x"), layer("y"), layer("z")}, told, two), HasSubstr(knows + why));
    EXPECT_FALSE(options.step_of_layer(false, 1));
    EXPECT_TRUE(options.surroundings.build_a);
    EXPECT_FALSE(options.surroundings.build_b);
  }
  told.step_of_layer.clear();
  EXPECT_THAT(notes(told, two, told, two), HasSubstr("it knows 0 layers and the image has 2"));
  told.dockerfile_text.clear();  // of a build without a Dockerfile
  EXPECT_EQ(notes(told, two, told, two), "");
  told = provenance();
  told.started = told.finished = WallTime(std::chrono::seconds(10));
  // Of builds that are known to be those of the images only what the history does not tell stays open.
  Options known;
  EXPECT_TRUE(
      blame(known, {told, two, config}, {told, two, config}, "app/Dockerfile", Trust::of_these_images));
  EXPECT_TRUE(known.notes.empty());
  EXPECT_TRUE(known.surroundings.build_b);
  EXPECT_FALSE(known.step_of_layer(false, 0));
  ASSERT_TRUE(known.step_of_layer(false, 1));
  EXPECT_EQ(known.step_of_layer(false, 1)->file, "app/Dockerfile");
  EXPECT_EQ(known.step_of_layer(false, 1)->lines, (dockerfile::LineRange{3, 4}));
}

TEST_F(Blame, OfAnotherBaseIsNotBelieved) {
  const Layers image = {layer("base"), layer("y"), layer("z")};
  const auto right = with_layers({"base", "y", "z"});
  auto other = with_layers({"other", "q", "r"});
  other.started = WallTime(std::chrono::seconds(10));
  other.finished = WallTime(std::chrono::seconds(20));
  EXPECT_THAT(notes(other, image, right, image), HasSubstr("of A is not of this image"));
  EXPECT_FALSE(options.step_of_layer(true, 1));
  EXPECT_FALSE(options.surroundings.build_a);
  EXPECT_TRUE(options.step_of_layer(false, 1));
}

TEST_F(Blame, OfRewrittenOrRecompressedLayersIsBelieved) {
  const auto told = with_layers({"base", "y", "z"});
  const Layers rewritten = {layer("base"), layer("y'"), layer("z'")};
  EXPECT_EQ(notes(told, rewritten, told, {layer("base"), layer("y"), layer("z")}), "");
  const std::string zstd = "application/vnd.oci.image.layer.v1.tar+zstd";
  EXPECT_EQ(notes(told, {layer("b", zstd), layer("y", zstd), layer("z", zstd)}, told, rewritten), "");
  EXPECT_EQ(notes(provenance(), rewritten, provenance(), rewritten), "");  // which lists no digests
  // A cached build lists stages on other bases, too.
  auto stages = with_layers({"other", "q", "r"});
  stages.one_base = false;
  EXPECT_EQ(notes(stages, rewritten, told, rewritten), "");
}

TEST_F(Blame, ExchangedIsNotBelieved) {
  const Layers a = {layer("base"), layer("y"), layer("a")};
  const Layers b = {layer("base"), layer("y"), layer("b")};
  const auto of_a = with_layers({"base", "y", "a"});
  const auto of_b = with_layers({"base", "y", "b"});
  EXPECT_EQ(notes(of_a, a, of_b, b), "");
  EXPECT_THAT(notes(of_b, a, of_a, b),
              HasSubstr("of A is not of this image, and was not used: it lists layers of B"));
  EXPECT_FALSE(options.step_of_layer(true, 1));
  EXPECT_FALSE(options.step_of_layer(false, 1));
}

}  // namespace
}  // namespace buildlab::drift
