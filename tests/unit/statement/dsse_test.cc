#include "framework/statement/dsse.h"

#include <gmock/gmock.h>

#include "tests/unit/statement/statement_fixture.h"

namespace buildlab::statement {
namespace {

using ::testing::HasSubstr;

Result<Envelope> read(const std::string& text, Form form = Form::canonical) {
  const auto json = parse_json(text, "test");
  return json ? parse_envelope(*json, text, form) : tl::unexpected(json.error());
}

std::string problem(const std::string& text, Form form = Form::canonical) {
  const auto envelope = read(text, form);
  return envelope ? "" : envelope.error().message;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// protocol.md, "Test Vectors"; lengths are of bytes, and nothing is escaped.
TEST(PreAuthenticationEncoding, AgreesWithTheVectorOfTheProtocol) {
  EXPECT_EQ(pre_authentication_encoding("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  EXPECT_EQ(pre_authentication_encoding("", ""), "DSSEv1 0  0 ");
  EXPECT_EQ(pre_authentication_encoding("ä", std::string("\0 \n", 3)), std::string("DSSEv1 2 ä 3 \0 \n", 17));
}

TEST(Envelope, IsOneLineInTheOrderOfTheSpecification) {
  const Envelope envelope = sign("hello", {key("one")}).value();
  const std::string text = to_text(envelope);
  EXPECT_THAT(text,
              ::testing::StartsWith(R"({"payload":"aGVsbG8=","payloadType":"application/vnd.in-toto+json",)"
                                    R"("signatures":[{"keyid":")" +
                                    key("one").public_key().id() + R"(","sig":")"));
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_EQ(read(text).value(), envelope);
}

TEST(Envelope, TellsWhichKeyMadeWhichSignature) {
  const Envelope envelope = sign("hello", {key("one"), key("two"), key("one")}).value();
  const std::vector<PublicKey> keys{key("three").public_key(), key("one").public_key()};
  EXPECT_EQ(signers(envelope, keys), (std::vector<std::optional<std::size_t>>{1, std::nullopt, 1}));
  Envelope other = envelope;
  other.payload_type = "application/vnd.in-toto+jsom";
  EXPECT_EQ(signers(other, keys), (std::vector<std::optional<std::size_t>>(3)));
  other = envelope;
  other.payload += " ";
  EXPECT_EQ(signers(other, keys), (std::vector<std::optional<std::size_t>>(3)));
  other = envelope;
  other.signatures[0].key_id = "a hint";
  EXPECT_EQ(signers(other, keys).at(0), 1U) << "key ids are hints";
}

TEST(Envelope, OfAnotherFormIsTakenOnlyWhereAsked) {
  const Envelope envelope = sign("\xff\xfe\xfd\xfb\xef", {key("one")}).value();
  const std::string text = to_text(envelope);
  const std::string url_safe = replaced(text, "//79++8=", "__79--8");
  for (const std::string& other :
       {text.substr(0, text.size() - 1), " " + text, replaced(text, ",\"payloadType\"", ", \"payloadType\""),
        replaced(text, "\"payload\"", "\"extra\":1,\"payload\""), replaced(text, "in-toto", "in\\u002dtoto"),
        replaced(text, "==", ""), url_safe}) {
    EXPECT_NE(problem(other), "") << other;
    ASSERT_EQ(problem(other, Form::any), "") << other;
    EXPECT_EQ(read(other, Form::any).value(), envelope);
  }
}

// The last character of "aGVsbG8=" has two bits that stand for nothing.
TEST(Envelope, DoesNotTakePaddingBitsThatAreSet) {
  const std::string text = to_text(sign("hello", {key("one")}).value());
  EXPECT_THAT(problem(replaced(text, "aGVsbG8=", "aGVsbG9=")), HasSubstr("not written as"));
}

TEST(Envelope, OfAWrongShapeIsRefusedWithTheMember) {
  const std::string id = R"("payloadType":"t",)";
  EXPECT_THAT(problem(R"({"payload":"aGk=",)" + id + R"("signatures":[]})"), HasSubstr("has no signatures"));
  EXPECT_THAT(problem(R"({"payload":"aGk=",)" + id + R"("signatures":{}})"), HasSubstr("signatures"));
  EXPECT_THAT(problem(R"({"payload":"a",)" + id + R"("signatures":[{"sig":""}]})"),
              HasSubstr("payload is not Base64"));
  EXPECT_THAT(problem(R"({"payload":"aG k=",)" + id + R"("signatures":[{"sig":""}]})"),
              HasSubstr("payload is not Base64"));
  EXPECT_THAT(problem(R"({"payload":7,)" + id + R"("signatures":[{"sig":""}]})"),
              HasSubstr("payload is not a string"));
  EXPECT_THAT(problem(R"({"payload":"aGk=",)" + id + R"("signatures":[{"keyid":"x"}]})"),
              HasSubstr("signatures[0].sig"));
  EXPECT_THAT(problem(R"({"payload":"aGk=",)" + id + R"("signatures":[{"sig":"*"}]})"),
              HasSubstr("signatures[0].sig"));
  std::string many = R"({"payload":"aGk=",)" + id + R"("signatures":[{"sig":"aGk="})";
  for (int i = 0; i < 100; ++i) many += R"(,{"sig":"aGk="})";
  EXPECT_THAT(problem(many + "]}", Form::any), HasSubstr("more than 100 signatures"));
}

}  // namespace
}  // namespace buildlab::statement
