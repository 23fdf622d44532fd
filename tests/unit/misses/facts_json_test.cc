#include "framework/misses/facts_json.h"

#include <gtest/gtest.h>

namespace buildlab::misses {
namespace {

BuildFacts some_facts() {
  BuildFacts facts;
  facts.dockerfile_text = "FROM scratch\nCOPY a /\n";
  facts.target = "app";
  facts.build_args = {{"VERSION", "1"}};
  facts.platform = "linux/amd64";
  facts.source_date_epoch = 0;
  facts.bases = {{"debian:12", "sha256:aa"}};
  facts.sources = {{"https://example.com/%41", "sha256:bb"}};
  facts.files = {{"a", {'f', 0644, "00ff", {{"user.x", "12"}}}}, {"link", {'l', 0, "ab", {}}}};
  return facts;
}

TEST(FactsJson, GivesBackWhatWasWritten) {
  const BuildFacts facts = some_facts();
  const auto json = parse_json(to_line(to_json(facts)), "facts");
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(from_json(*json), facts);
  EXPECT_EQ(from_json(to_json(BuildFacts{})), BuildFacts{});
}

TEST(FactsJson, KeepsBytesThatAreNoText) {
  BuildFacts facts = some_facts();
  facts.dockerfile_text = "# \xff\nFROM scratch\n";
  facts.build_args["A"] = "100%41 \xfe";
  facts.files["\xff%zz/\xc3\xa4%"] = {'f', 0600, "1", {{"user.\xfd", "2"}}};
  const auto json = parse_json(to_line(to_json(facts)), "facts");
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(from_json(*json), facts);
}

TEST(FactsJson, OfBeforeSourcesWereKeptHasNone) {
  Json json = to_json(some_facts());
  json.erase("sources");
  const auto read = from_json(json);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->sources.empty());
  json["sources"] = Json::array();
  EXPECT_EQ(from_json(json), std::nullopt);
}

TEST(FactsJson, OfAnotherVersionOrShapeIsNothing) {
  Json json = to_json(some_facts());
  json["schema_version"] = 2;
  EXPECT_EQ(from_json(json), std::nullopt);
  json = to_json(some_facts());
  json["files"] = Json::array({Json::array({"a"})});
  EXPECT_EQ(from_json(json), std::nullopt);
  json = to_json(some_facts());
  json["files"] = Json::array({Json::array({"a", Json::array({"f", "0644", "", Json::object()})})});
  EXPECT_EQ(from_json(json), std::nullopt);
  EXPECT_EQ(from_json(Json::array()), std::nullopt);
}

}  // namespace
}  // namespace buildlab::misses
