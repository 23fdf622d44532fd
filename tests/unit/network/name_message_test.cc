#include "framework/network/name_message.h"

#include <gtest/gtest.h>

#include "tests/unit/network/name_question.h"

namespace buildlab::network {
namespace {

using testing::name_question;

TEST(NameMessage, AsksForANameInAnyLetters) {
  const std::string packet = name_question("Cache.BuildLab.test", 28);
  const auto question = parse_name_question(packet);
  ASSERT_TRUE(question);
  EXPECT_EQ(question->name, "cache.buildlab.test");
  EXPECT_EQ(question->type, 28);
  EXPECT_EQ(question->end, packet.size());
  EXPECT_TRUE(parse_name_question(packet + "what resolvers add of their own"));
}

TEST(NameMessage, TakesNothingElseForAQuestion) {
  const std::string packet = name_question("cache.buildlab.test");
  for (std::size_t size = 0; size < packet.size(); ++size)
    EXPECT_FALSE(parse_name_question(packet.substr(0, size))) << "cut after " << size;
  const auto changed = [&](std::size_t at, unsigned value) {
    std::string other = packet;
    other[at] = static_cast<char>(value);
    return parse_name_question(other);
  };
  EXPECT_FALSE(changed(2, 0x80)) << "an answer";
  EXPECT_FALSE(changed(2, 0x08)) << "another operation";
  EXPECT_FALSE(changed(5, 2)) << "two questions";
  EXPECT_FALSE(changed(12, 0xc0)) << "a reference";
  EXPECT_FALSE(changed(12, 63)) << "a label that ends beyond the packet";
  EXPECT_FALSE(changed(packet.size() - 1, 3)) << "another class";
  std::string long_name;
  for (int i = 0; i < 100; ++i) long_name += (i == 0 ? "" : ".") + std::string(60, 'x');
  EXPECT_FALSE(parse_name_question(name_question(long_name)));
}

TEST(NameMessage, AnswersWithOneAddressOrNone) {
  const std::string packet = name_question("a.test");
  const auto question = parse_name_question(packet + "more");
  ASSERT_TRUE(question);
  const std::string asked = packet.substr(12);
  EXPECT_EQ(name_answer(packet + "more", *question, NameStatus::good, NameAddress{127, 0, 0, 1}),
            std::string("ab\x85\x80\0\x01\0\x01\0\0\0\0", 12) + asked +
                std::string("\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x04\x7f\0\0\x01", 16));
  EXPECT_EQ(name_answer(packet, *question, NameStatus::server_failure, std::nullopt),
            std::string("ab\x85\x82\0\x01\0\0\0\0\0\0", 12) + asked);
}

TEST(NameMessage, PassesTheAnswerToThatQuestionOnAndSaysThatItIsWhole) {
  const std::string question = name_question("a.test");
  std::string answer = question;
  EXPECT_FALSE(passed_on_answer(question, answer)) << "no answer";
  answer[2] = static_cast<char>(0x83);  // cut short
  const auto passed = passed_on_answer(question, answer);
  ASSERT_TRUE(passed);
  answer[2] = static_cast<char>(0x81);
  EXPECT_EQ(*passed, answer);
  EXPECT_FALSE(passed_on_answer(name_question("a.test", 1, "xy"), answer)) << "another question's";
  EXPECT_FALSE(passed_on_answer(question, answer.substr(0, 11)));
  EXPECT_FALSE(passed_on_answer("", answer));
}

}  // namespace
}  // namespace buildlab::network
