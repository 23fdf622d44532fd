#include "framework/statement/statement.h"

#include <gmock/gmock.h>

#include "tests/unit/statement/statement_fixture.h"

namespace buildlab::statement {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Json valid() {
  return to_json(
      statement_of({"app", "app"}, {{"locale", variation::Outcome::passed},
                                    {"clock", variation::Outcome::not_applied, "no libfaketime"}}));
}

std::string problem(const Json& json) {
  const auto statement = parse(json);
  return statement ? "" : statement.error().message;
}

Statement with_tests(Grade result, std::vector<std::string> passed, std::vector<std::string> warned,
                     std::vector<std::string> failed) {
  Statement statement = statement_of({"app", "app"});
  statement.result = result;
  statement.passed = std::move(passed);
  statement.warned = std::move(warned);
  statement.failed = std::move(failed);
  return statement;
}

TEST(StatementJson, HasTheMembersOfTheSpecification) {
  const Json json = valid();
  EXPECT_EQ(json["_type"], "https://in-toto.io/Statement/v1");
  EXPECT_EQ(json["predicateType"], "https://in-toto.io/attestation/test-result/v0.1");
  const std::string hex = testing::digest("app manifest").substr(7);
  EXPECT_EQ(to_line(json["subject"]), R"([{"name":"app","digest":{"sha256":")" + hex + R"("}}])");
  const Json& predicate = json["predicate"];
  EXPECT_EQ(predicate["result"], "PASSED");
  EXPECT_EQ(to_line(predicate["passedTests"]), R"(["base","locale"])");
  EXPECT_EQ(to_line(predicate["failedTests"]), "[]");
  EXPECT_EQ(to_line(predicate["warnedTests"]), "[]");
  ASSERT_EQ(predicate["configuration"].size(), 4U);
  EXPECT_EQ(to_line(predicate["configuration"][0]),
            R"({"name":"dockerfile","digest":{"sha256":")" + sha256(testing::k_dockerfile).hex() + R"("}})");
  EXPECT_EQ(predicate["configuration"][1]["name"], "context");
  EXPECT_EQ(predicate["configuration"][2]["name"], "settings");
  EXPECT_EQ(predicate["configuration"][3]["name"], "base:docker.io/library/debian:bookworm-slim");
  const Json& rounds = predicate["buildlab"]["rounds"];
  EXPECT_EQ(rounds["runs"], 2);
  EXPECT_EQ(to_line(rounds["digests"]), R"([{"digest":{"sha256":")" + hex + R"("},"builds":2}])");
  EXPECT_EQ(to_line(rounds["notApplied"]), R"([{"name":"clock","reason":"no libfaketime"}])");
  EXPECT_EQ(rounds["machine"]["buildkitVersion"], "v0.32.2");
}

TEST(StatementJson, ComesBackAsItWas) {
  for (Statement statement : {statement_of({"app", "app"}), statement_of({"a", "b", "b"})}) {
    EXPECT_EQ(parse(to_json(statement)).value(), statement);
    statement.rounds.reset();
    statement.quorum =
        Quorum{2, {{"key", "", testing::digest("x"), {testing::digest("file")}}, {"", "host", "", {}}}};
    statement.configuration.push_back({"other", "https://example.com/x", ""});
    EXPECT_EQ(parse(to_json(statement)).value(), statement);
  }
}

TEST(StatementJson, OfOthersMayHaveMembersThatAreNotKnownAndLackOptionalOnes) {
  Json json = valid();
  json["extra"] = {{"deep", Json::array({1, 2})}};
  json["predicate"]["url"] = "https://ci.example.com/7";
  json["predicate"]["buildlab"]["rounds"]["new"] = true;
  json["subject"][0]["annotations"] = Json::object();
  json["subject"][0]["digest"]["sha512"] = "of no interest";
  EXPECT_EQ(parse(json).value(), parse(valid()).value());
  json["predicate"].erase("buildlab");
  json["predicate"].erase("warnedTests");
  json["predicate"].erase("failedTests");
  json["predicate"]["configuration"] =
      Json::array({{{"uri", "https://example.com/ci.yml"}}, {{"digest", {{"gitCommit", "d20a"}}}}});
  const auto statement = parse(json);
  ASSERT_TRUE(statement) << statement.error().message;
  EXPECT_FALSE(statement->rounds);
  EXPECT_EQ(statement->configuration,
            (std::vector<Resource>{{"", "https://example.com/ci.yml", ""}, {"", "", ""}}));
}

TEST(StatementJson, OfAWrongShapeIsRefusedWithTheMember) {
  struct Wrong {
    const char* pointer;
    Json value;
    const char* says;
  };
  const Json null;
  for (const Wrong& wrong : {
           Wrong{"/_type", "https://in-toto.io/Statement/v0.1",
                 "_type is \"https://in-toto.io/Statement/v0.1\""},
           Wrong{"/predicateType", "https://slsa.dev/provenance/v1", "predicateType is"},
           Wrong{"/subject", "x", "subject is not an array"},
           Wrong{"/subject/0", 7, "subject[0] is not an object"},
           Wrong{"/subject/0/digest", null, "subject[0].digest"},
           Wrong{"/subject/0/digest/sha256", "abc", "not 64 lower-case hex digits"},
           Wrong{"/subject/0/digest/sha256", std::string(64, 'A'), "not 64 lower-case hex digits"},
           Wrong{"/subject/0/digest/sha256", "sha256:" + std::string(64, 'a'),
                 "not 64 lower-case hex digits"},
           Wrong{"/subject/0/name", 7, "subject[0].name is not a string"},
           Wrong{"/predicate", null, "predicate is"},
           Wrong{"/predicate/result", "passed", "none of PASSED, WARNED, FAILED"},
           Wrong{"/predicate/result", null, "predicate.result is missing"},
           Wrong{"/predicate/configuration", null, "predicate.configuration is missing"},
           Wrong{"/predicate/configuration/0/digest", null, "is missing, and so are uri and content"},
           Wrong{"/predicate/passedTests", "base", "predicate.passedTests is not an array"},
           Wrong{"/predicate/passedTests/0", 1, "predicate.passedTests[0] is not a string"},
           Wrong{"/predicate/buildlab", 1, "predicate.buildlab is not an object"},
           Wrong{"/predicate/buildlab/schemaVersion", 2, "newer than the 1"},
           Wrong{"/predicate/buildlab/rounds/runs", -1, "rounds.runs is negative"},
           Wrong{"/predicate/buildlab/rounds/runs", 1e300, "rounds.runs"},
           Wrong{"/predicate/buildlab/rounds/digests/0/builds", "2", "digests[0].builds"},
           Wrong{"/predicate/buildlab/rounds/machine", null, "rounds.machine"},
       }) {
    Json json = valid();
    json[Json::json_pointer(wrong.pointer)] = wrong.value;
    EXPECT_THAT(problem(json), HasSubstr(wrong.says)) << wrong.pointer;
  }
  EXPECT_NE(problem(Json::array()), "");
  EXPECT_NE(problem(Json("text")), "");
}

TEST(Contradictions, ResultAndTests) {
  EXPECT_THAT(contradictions(with_tests(Grade::passed, {"base"}, {}, {})), IsEmpty());
  EXPECT_THAT(contradictions(with_tests(Grade::warned, {"base"}, {"x"}, {})), IsEmpty());
  EXPECT_THAT(contradictions(with_tests(Grade::failed, {"base"}, {"x"}, {"y"})), IsEmpty());
  EXPECT_THAT(contradictions(with_tests(Grade::passed, {"base"}, {}, {"y"})),
              Contains(HasSubstr("come to FAILED")));
  EXPECT_THAT(contradictions(with_tests(Grade::passed, {"base"}, {"x"}, {})),
              Contains(HasSubstr("come to WARNED")));
  EXPECT_THAT(contradictions(with_tests(Grade::failed, {"base"}, {}, {})),
              Contains(HasSubstr("come to PASSED")));
  EXPECT_THAT(contradictions(with_tests(Grade::warned, {"base"}, {}, {"y"})),
              Contains(HasSubstr("come to FAILED")));
  EXPECT_THAT(contradictions(with_tests(Grade::passed, {}, {}, {})), Contains("it names no test"));
  EXPECT_THAT(contradictions(with_tests(Grade::failed, {"base"}, {}, {"base"})),
              Contains(HasSubstr("named twice")));
}

TEST(Contradictions, SubjectsAndRounds) {
  const std::string other = testing::digest("other");
  Statement statement = statement_of({"app", "app"});
  statement.subjects.push_back({"", other});
  EXPECT_THAT(contradictions(statement),
              ElementsAre("its subjects are not the digests that its rounds came to"));
  statement.rounds->digests.push_back({other, 1});
  EXPECT_THAT(contradictions(statement), ElementsAre("its digests are of 3 builds, its rounds are 2",
                                                     "the result is PASSED with 2 different digests"));
  statement = statement_of({"app", "app"});
  statement.subjects.push_back(statement.subjects.front());
  EXPECT_THAT(contradictions(statement), Contains(HasSubstr("is named twice")));
  statement.subjects.clear();
  statement.rounds.reset();
  EXPECT_THAT(contradictions(statement), ElementsAre("it has no subject"));
}

}  // namespace
}  // namespace buildlab::statement
