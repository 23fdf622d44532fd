// docs/schema/scenario.schema.json and the parser must know the same keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>

#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/scenario/cache_attributes.h"
#include "framework/scenario/keys.h"
#include "framework/variation/variation.h"

namespace buildlab::scenario {
namespace {

using testing::UnorderedElementsAreArray;

Json schema() {
  auto json = load_json(BUILDLAB_SOURCE_DIR "/docs/schema/scenario.schema.json");
  EXPECT_TRUE(json) << (json ? "" : json.error().message);
  return json.value_or(Json::object());
}

std::vector<std::string> properties(const Json& object) {
  std::vector<std::string> keys;
  EXPECT_EQ(object.at("additionalProperties"), false);
  for (const auto& [key, value] : object.at("properties").items()) keys.push_back(key);
  return keys;
}

TEST(Schema, HasTheParsersKeys) {
  const Json json = schema();
  const Json& definitions = json.at("definitions");
  EXPECT_THAT(properties(json), UnorderedElementsAreArray(file_keys()));
  EXPECT_THAT(properties(definitions.at("subject")), UnorderedElementsAreArray(subject_keys()));
  EXPECT_THAT(properties(definitions.at("secret")), UnorderedElementsAreArray(secret_keys()));
  EXPECT_THAT(properties(definitions.at("scenario")), UnorderedElementsAreArray(scenario_keys()));
  EXPECT_THAT(properties(definitions.at("backend")), UnorderedElementsAreArray(backend_keys()));
  EXPECT_THAT(properties(definitions.at("fault")), UnorderedElementsAreArray(fault_keys()));
  EXPECT_THAT(properties(definitions.at("gates")), UnorderedElementsAreArray(gate_keys()));
  EXPECT_THAT(properties(definitions.at("duration_ratio")), UnorderedElementsAreArray(duration_ratio_keys()));
}

// The names stand in the schema (once with and once without a "-" before them) and in the CMake functions.
TEST(Schema, HasTheParsersVariations) {
  const std::string pattern =
      schema().at("definitions").at("scenario").at("properties").at("vary").at("oneOf")[0].at("pattern");
  const auto cmake = read_file(BUILDLAB_SOURCE_DIR "/cmake/BuildLabInternal.cmake");
  ASSERT_TRUE(cmake);
  std::string names;
  std::string list;
  for (const auto& description : variation::catalogue()) {
    names += (names.empty() ? "" : "|") + std::string(description.name);
    list += (list.empty() ? "" : ";") + std::string(description.name);
  }
  EXPECT_EQ(pattern, "^(all|-?(" + names + ")|-?clock=[+-][0-9]+[smhdy])$");
  std::string one_list = *cmake;
  for (auto at = one_list.find(";\"\n  \""); at != std::string::npos; at = one_list.find(";\"\n  \""))
    one_list.replace(at, 6, ";");
  EXPECT_NE(one_list.find("\"" + list + "\""), std::string::npos) << list;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ";") + word;
  return text;
}

// Places, kinds and the numbers that each takes stand in the schema and in the CMake functions too.
TEST(Schema, HasTheParsersFaults) {
  const Json schema_of_fault = schema().at("definitions").at("fault");
  const Json& properties_of_fault = schema_of_fault.at("properties");
  EXPECT_EQ(properties_of_fault.at("at").at("enum").get<std::vector<std::string>>(), fault::at_names());
  EXPECT_EQ(properties_of_fault.at("fault").at("enum").get<std::vector<std::string>>(), fault::kind_names());
  std::vector<std::string> numbers;
  for (const std::string& key : fault_keys()) {
    if (key != "at" && key != "fault") numbers.push_back(key);
  }
  for (const std::string& name : fault::kind_names()) {
    for (const fault::Parameter& parameter : fault::parameters(*fault::parse_kind(name))) {
      const Json& number = properties_of_fault.at(std::string(parameter.key));
      EXPECT_EQ(number.at("minimum").get<double>(), parameter.least) << parameter.key;
      EXPECT_EQ(number.at("maximum").get<double>(), parameter.most) << parameter.key;
    }
  }
  const auto cmake = read_file(BUILDLAB_SOURCE_DIR "/cmake/BuildLabFaults.cmake");
  ASSERT_TRUE(cmake);
  for (const auto& words : {fault::at_names(), fault::kind_names(), numbers})
    EXPECT_NE(cmake->find("\"" + joined(words) + "\""), std::string::npos) << joined(words);
}

// What a person may write stands in the documentation; what BuildKit knows of each cache mode, too.
TEST(Schema, AndDocumentationHaveTheParsersCaches) {
  const Json modes = schema().at("definitions").at("backend").at("properties").at("cache_mode").at("enum");
  const auto cmake = read_file(BUILDLAB_SOURCE_DIR "/cmake/BuildLabInternal.cmake");
  const auto document = read_file(BUILDLAB_SOURCE_DIR "/docs/scenarios.md");
  ASSERT_TRUE(cmake && document);
  std::vector<std::string> names{"none", "builder"};
  for (const CacheMode mode : external_cache_modes()) {
    names.emplace_back(to_string(mode));
    const std::string head = "| `" + names.back() + "` |";
    const std::size_t row = document->find(head, document->find("### Caches"));
    ASSERT_NE(row, std::string::npos) << names.back();
    const std::string text = document->substr(row, document->find('\n', row) - row);
    for (const CacheAttribute& attribute : cache_attributes_of(mode)) {
      const std::string suffix = attribute.secret ? "_env" : "";
      EXPECT_NE(text.find("`" + std::string(attribute.name) + suffix + "`"), std::string::npos)
          << names.back() << " " << attribute.name;
    }
  }
  EXPECT_EQ(modes.get<std::vector<std::string>>(), names);
  EXPECT_NE(cmake->find("\"" + joined(names) + "\""), std::string::npos) << joined(names);
}

TEST(Schema, HasTheParsersMutations) {
  const Json json = schema();
  const Json& alternatives = json.at("definitions").at("mutation").at("oneOf");
  ASSERT_EQ(alternatives.size(), mutation_shapes().size());
  for (std::size_t i = 0; i < alternatives.size(); ++i) {
    const MutationShape& shape = mutation_shapes()[i];
    SCOPED_TRACE(shape.verb);
    std::vector<std::string> required{shape.verb};
    required.insert(required.end(), shape.required.begin(), shape.required.end());
    EXPECT_THAT(alternatives[i].at("required").get<std::vector<std::string>>(),
                UnorderedElementsAreArray(required));
    std::vector<std::string> all = required;
    all.insert(all.end(), shape.optional.begin(), shape.optional.end());
    EXPECT_THAT(properties(alternatives[i]), UnorderedElementsAreArray(all));
  }
}

}  // namespace
}  // namespace buildlab::scenario
