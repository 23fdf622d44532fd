#include "framework/statement/check.h"

#include <gmock/gmock.h>
#include <chrono>

#include "tests/unit/statement/statement_fixture.h"

namespace buildlab::statement {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Refusal::Kind kind(std::string_view text, const Policy& policy) {
  const auto checked = check(text, policy);
  EXPECT_FALSE(checked);
  return checked ? Refusal::Kind::not_verified : checked.error().kind;
}

std::string signed_payload(const std::string& payload) {
  return to_text(sign(payload, {key("one")}).value());
}

TEST(Check, WantsAKeyForASignedFile) {
  const std::string file = signed_file(statement_of({"app", "app"}), {"one"});
  EXPECT_EQ(kind(file, {}), Refusal::Kind::no_key);
  Policy policy;
  policy.accept_unsigned = true;
  EXPECT_EQ(kind(file, policy), Refusal::Kind::no_key) << "a signature is never passed over";
  EXPECT_EQ(kind(file, trusting({"two"})), Refusal::Kind::not_verified);
  EXPECT_THAT(refusal(file, trusting({"two"})), HasSubstr(key("one").public_key().id()));
}

TEST(Check, TakesUnsignedFilesOnlyWhereAsked) {
  const std::string file = unsigned_file(statement_of({"app", "app"}));
  EXPECT_EQ(kind(file, trusting({"one"})), Refusal::Kind::not_verified);
  Policy policy;
  policy.accept_unsigned = true;
  const auto checked = check(file, policy);
  ASSERT_TRUE(checked);
  EXPECT_THAT(checked->signers, IsEmpty());
}

TEST(Check, WantsAllSignaturesToBeOfGivenKeys) {
  const std::string file = signed_file(statement_of({"app", "app"}), {"one", "two"});
  EXPECT_THAT(refusal(file, trusting({"one"})), HasSubstr("not every signature is of a given key"));
  const auto checked = check(file, trusting({"three", "two", "one"}));
  ASSERT_TRUE(checked);
  EXPECT_THAT(checked->signers, ElementsAre(key("one").public_key().id(), key("two").public_key().id()));
  Policy policy = trusting({"two"});
  policy.lenient = true;
  EXPECT_THAT(check(file, policy)->signers, ElementsAre(key("two").public_key().id()));
}

TEST(Check, WantsKeyIdsToBeTrue) {
  Envelope envelope = sign(to_line(to_json(statement_of({"app", "app"}))), {key("one")}).value();
  envelope.signatures[0].key_id = key("two").public_key().id();
  Policy policy = trusting({"one", "two"});
  EXPECT_THAT(refusal(to_text(envelope), policy), HasSubstr("of another key than it says"));
  policy.lenient = true;
  EXPECT_EQ(refusal(to_text(envelope), policy), "");
}

TEST(Check, DoesNotBelieveASignatureOfSomethingElse) {
  Envelope envelope = sign(to_line(to_json(statement_of({"app", "app"}))), {key("one")}).value();
  envelope.payload = to_line(to_json(statement_of({"other", "other"})));
  Policy policy = trusting({"one"});
  policy.lenient = true;
  EXPECT_THAT(refusal(to_text(envelope), policy), HasSubstr("no signature is of a given key"));
}

TEST(Check, LooksIntoWhatIsSigned) {
  const Policy policy = trusting({"one"});
  const std::string good = to_line(to_json(statement_of({"app", "app"})));
  EXPECT_EQ(refusal(signed_payload(good), policy), "");
  EXPECT_THAT(refusal(signed_payload("hello"), policy), HasSubstr("payload"));
  EXPECT_THAT(refusal(signed_payload("{}"), policy), HasSubstr("_type"));
  EXPECT_THAT(refusal(signed_payload("{\"_type\":\"x\"," + good.substr(1)), policy),
              HasSubstr("\"_type\" is named twice"));
  Statement wrong = statement_of({"app", "app"});
  wrong.result = Grade::failed;
  EXPECT_THAT(refusal(signed_payload(to_line(to_json(wrong))), policy), HasSubstr("come to PASSED"));
  Json provenance = to_json(statement_of({"app", "app"}));
  provenance["predicateType"] = "https://slsa.dev/provenance/v1";
  EXPECT_THAT(refusal(signed_payload(to_line(provenance)), policy),
              HasSubstr("https://slsa.dev/provenance/v1"));
}

TEST(Check, WantsThePayloadTypeOfInToto) {
  Envelope envelope{"text/plain", to_line(to_json(statement_of({"app", "app"}))), {}};
  const PrivateKey one = key("one");
  const auto add = [&](const std::string& type) {
    envelope.payload_type = type;
    envelope.signatures = {
        {one.public_key().id(), one.sign(pre_authentication_encoding(type, envelope.payload)).value()}};
    return to_text(envelope);
  };
  Policy policy = trusting({"one"});
  EXPECT_THAT(refusal(add("text/plain"), policy), HasSubstr("is of type \"text/plain\""));
  EXPECT_NE(refusal(add("application/vnd.in-toto.test-result+json"), policy), "");
  policy.lenient = true;
  EXPECT_EQ(refusal(add("application/vnd.in-toto.test-result+json"), policy), "");
  EXPECT_NE(refusal(add("text/plain"), policy), "");
}

TEST(Check, TellsWhatIsNoStatementAtAll) {
  Policy policy = trusting({"one"});
  policy.accept_unsigned = true;
  for (const std::string& text :
       {std::string(), std::string("hello"), std::string("{}"), std::string("[]"), std::string("null"),
        std::string("{\"result\":\"PASSED\"}"), std::string(2'000'000, ' '), std::string("\x80\0x", 3)}) {
    EXPECT_EQ(kind(text, policy), Refusal::Kind::not_a_statement) << text.substr(0, 40);
  }
  EXPECT_EQ(kind(R"({"payload":1})", policy), Refusal::Kind::not_verified);
}

TEST(Check, IsNotStoppedByHostileJson) {
  Policy policy = trusting({"one"});
  policy.accept_unsigned = true;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(refusal(std::string(1'000'000, '['), policy), HasSubstr("nested deeper"));
  std::string many = "{";
  for (int i = 0; i < 60'000; ++i) many += fmt::format("\"{}\":1,", i);
  EXPECT_THAT(refusal(many + "\"_type\":1}", policy), HasSubstr("more than 1000 members"));
  EXPECT_THAT(refusal(R"({"_type":"a","x":{"y":1,"y":2}})", policy), HasSubstr("\"y\" is named twice"));
  std::string subjects = R"({"_type":"https://in-toto.io/Statement/v1","subject":[)";
  while (subjects.size() < 900'000) subjects += R"({"digest":{"sha256":7}},)";
  EXPECT_NE(refusal(subjects + "0]}", policy), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace buildlab::statement
