#include "framework/cache_keys/settled_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <vector>

#include "tests/unit/cache_keys/recorded.h"

namespace buildlab::cache_keys {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// A daemon that gives these answers one after another, and the last one from then on.
struct Daemon {
  std::vector<std::string> answers;
  std::size_t asked = 0;
  std::size_t waited = 0;

  Result<KeyStore> keys() {
    return settled_keys(
        [this]() -> Result<std::string> { return answers[std::min(asked++, answers.size() - 1)]; },
        [this] { ++waited; });
  }
};

std::string without_preimages(const std::string& operation) {
  return R"([{"id":2,"parents":[{"input":0,"digest":")" + operation + R"(","target":1}]}])";
}

TEST(SettledKeys, AreThoseOfTheFirstAnswerThatLacksNothing) {
  Daemon daemon{{test::recorded("before")}};
  EXPECT_THAT(daemon.keys()->operations, SizeIs(6));
  EXPECT_EQ(daemon.asked, 1U);
  EXPECT_EQ(daemon.waited, 0U);
}

TEST(SettledKeys, AwaitPreimagesThatAreWrittenLate) {
  Daemon daemon{{without_preimages("sha256:a"), test::recorded("before")}};
  EXPECT_THAT(daemon.keys()->operations, SizeIs(6));
  EXPECT_EQ(daemon.asked, 2U);
}

TEST(SettledKeys, AwaitNothingOfADaemonThatWritesNothingMore) {
  Daemon daemon{{without_preimages("sha256:a")}};
  EXPECT_THAT(daemon.keys()->operations, SizeIs(1));
  EXPECT_EQ(daemon.asked, 2U) << "the builder has keys from before it kept preimages";
  EXPECT_EQ(daemon.waited, 1U);
}

TEST(SettledKeys, EndWithADaemonThatGoesOnForEver) {
  Daemon daemon;
  for (const char* digest : {"sha256:a", "sha256:b", "sha256:c", "sha256:d", "sha256:e", "sha256:f"})
    daemon.answers.push_back(without_preimages(digest));
  EXPECT_TRUE(daemon.keys()->operations.contains("sha256:d"));
  EXPECT_EQ(daemon.asked, 4U);
}

TEST(SettledKeys, AreNoneWithoutAnAnswer) {
  EXPECT_THAT(Daemon{{"{}"}}.keys().error().message, HasSubstr("not a list"));
  const auto refused =
      settled_keys([]() -> Result<std::string> { return fail(ErrorKind::infrastructure, "refused"); }, [] {});
  EXPECT_EQ(refused.error().message, "refused");
}

}  // namespace
}  // namespace buildlab::cache_keys
