#include "framework/engine/log_redactor.h"

#include <gtest/gtest.h>

#include "framework/base/base64.h"

namespace buildlab::engine {
namespace {

std::string log_line(const std::string& text, int stream = 1) {
  return R"({"logs":[{"vertex":"v","stream":)" + std::to_string(stream) + R"(,"data":")" +
         base64_encode(text) + R"("}]})";
}

// What a reader of the stream puts together from its log pieces.
std::string joined(LogRedactor& redactor, const std::vector<std::string>& pieces) {
  std::string text;
  const auto add = [&text](const std::string& line) {
    if (line.empty()) return;
    const Json json = parse_json(line, "line").value();
    for (const Json& log : json.at("logs")) text += base64_decode(log.at("data").get<std::string>()).value();
  };
  for (const std::string& piece : pieces) add(redactor.line(log_line(piece)));
  add(redactor.rest());
  return text;
}

TEST(LogRedactor, FindsASecretThatWasPrintedInPieces) {
  const std::string secret = "hunter2-and-more";
  for (std::size_t cut = 0; cut <= secret.size(); ++cut) {
    LogRedactor redactor{Redactor({secret})};
    EXPECT_EQ(joined(redactor, {"the word is " + secret.substr(0, cut), secret.substr(cut) + "!\n"}),
              "the word is ***!\n");
  }
  LogRedactor redactor{Redactor({secret})};
  std::vector<std::string> letters;
  for (const char letter : secret) letters.emplace_back(1, letter);
  EXPECT_EQ(joined(redactor, letters), "***");
}

TEST(LogRedactor, FindsCredentialsOfAUrlThatWasPrintedInPieces) {
  LogRedactor redactor{Redactor()};
  EXPECT_EQ(joined(redactor, {"get https://us", "er:wo", "rd@host/x done\n"}),
            "get https://***@host/x done\n");
}

TEST(LogRedactor, KeepsWhatOnlyBeganLikeASecret) {
  LogRedactor redactor{Redactor({"hunter2-and-more"})};
  EXPECT_EQ(joined(redactor, {"a hun", "dred\n", "hu"}), "a hundred\nhu");
  EXPECT_EQ(joined(redactor, {"ends in hunter2-and"}), "ends in ***");
}

TEST(LogRedactor, TellsStreamsAndVerticesApart) {
  LogRedactor redactor{Redactor({"hunter2"})};
  (void)redactor.line(log_line("hun", 1));
  const std::string other = redactor.line(log_line("ter2", 2));
  EXPECT_EQ(other, log_line("ter2", 2));
}

TEST(LogRedactor, LeavesOtherLinesByteForByte) {
  LogRedactor redactor{Redactor({"hunter2"})};
  for (const std::string& line :
       {std::string(R"({"vertexes":[{"digest":"sha256:00"}]})"), log_line("plain\n"),
        std::string(R"({"logs":[1,{"data":5},{"data":"*"}]})"), std::string("{\"logs\":[")}) {
    EXPECT_EQ(redactor.line(line), line);
  }
  EXPECT_EQ(redactor.rest(), "");
}

}  // namespace
}  // namespace buildlab::engine
