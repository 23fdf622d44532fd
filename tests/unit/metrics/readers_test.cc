#include "framework/metrics/readers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::metrics {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;
using Range = dockerfile::LineRange;

// ADD of a URL and two RUN, of which `networked` may use the network.
Provenance provenance(int networked) {
  Provenance result;
  result.proxy_network = true;
  result.steps["step0"] = {.id = "step0", .inputs = {}, .lines = {{2, 2}}, .source = "https://e/added"};
  result.steps["step1"] = {.id = "step1", .inputs = {}, .lines = {{3, 3}}, .networked = networked > 0};
  result.steps["step2"] = {.id = "step2", .inputs = {}, .lines = {{4, 4}}, .networked = networked > 1};
  result.dockerfile_name = "Dockerfile";
  result.dockerfile_text = "FROM base\nADD https://e/added /\nRUN one\nRUN two\n";
  result.materials = {{"https://e/added", "sha256:a"},
                      {"https://e/fetched", "sha256:b"},
                      {"pkg:docker/debian@12", "sha256:c"}};
  return result;
}

TEST(Readers, NamesTheOnlyStepWithANetwork) {
  EXPECT_THAT(readers_of(provenance(1), nullptr),
              UnorderedElementsAre(Pair("https://e/added", ElementsAre(Range{2, 2})),
                                   Pair("https://e/fetched", ElementsAre(Range{3, 3}))));
}

TEST(Readers, GuessesNothingBetweenTwo) {
  EXPECT_THAT(readers_of(provenance(2), nullptr),
              ElementsAre(Pair("https://e/added", ElementsAre(Range{2, 2}))));
}

TEST(Readers, TakesNoNetworkForAProxiedOne) {
  Provenance plain = provenance(1);
  plain.proxy_network = false;
  plain.steps["step0"].source = "";
  EXPECT_THAT(readers_of(plain, nullptr), IsEmpty());
}

TEST(Readers, TellsStepsApartByTheirLogs) {
  BuildGraph progress;
  progress.vertexes.resize(3);
  // With the proxy network provenance has other digests than these.
  progress.vertexes[0].name = "[stage-0 4/4] RUN two";
  progress.vertexes[0].digest = "sha256:2";
  progress.vertexes[0].fetched = {"https://e/fetched", "https://u:p@e/secret"};
  progress.vertexes[1].name = "[stage-0 3/4] RUN one";
  progress.vertexes[1].digest = "sha256:1";
  progress.vertexes[1].fetched = {"https://e/fetched"};
  progress.vertexes[2].name = "exporting";
  progress.vertexes[2].digest = "sha256:unknown";
  progress.vertexes[2].fetched = {"https://e/other"};
  EXPECT_THAT(readers_of(provenance(2), &progress),
              UnorderedElementsAre(Pair("https://e/added", ElementsAre(Range{2, 2})),
                                   Pair("https://e/fetched", ElementsAre(Range{3, 3}, Range{4, 4})),
                                   Pair("https://***@e/secret", ElementsAre(Range{4, 4}))));
}

}  // namespace
}  // namespace buildlab::metrics
