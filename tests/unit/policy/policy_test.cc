#include "framework/policy/policy.h"

#include <gmock/gmock.h>

namespace buildlab::policy {
namespace {

using causes::Attribute;
using ::testing::HasSubstr;

TEST(Policies, SayWhatIsWrongWithThem) {
  const auto problem = [](const char* text) {
    const auto policy = parse_policy(text);
    return policy ? "no error" : policy.error().message;
  };
  EXPECT_THAT(problem("path=a"), HasSubstr("has no reason"));
  EXPECT_THAT(problem("path=a:  "), HasSubstr("has no reason"));
  EXPECT_THAT(problem("content:because"), HasSubstr("neither a path nor an attribute"));
  EXPECT_THAT(problem("attribute=mtimes:because"), HasSubstr("no attribute \"mtimes\""));
  EXPECT_THAT(problem("attribute=content:because"), HasSubstr("hides content"));
  EXPECT_THAT(problem("paths=a:because"), HasSubstr("\"paths=a\" is not understood"));
  const auto right = parse_policy("path=/var/log/*, attribute=mtime: logs are rotated: daily");
  ASSERT_TRUE(right);
  EXPECT_EQ(right->path, "var/log/*");
  EXPECT_EQ(right->reason, "logs are rotated: daily");
}

TEST(Policies, AreWrittenAsTheyAreRead) {
  const auto policy = parse_policy(" path=/var/log/*,attribute=mtime : rotated: daily");
  ASSERT_TRUE(policy);
  EXPECT_EQ(to_string(*policy), "path=/var/log/*,attribute=mtime:rotated: daily");
  EXPECT_EQ(parse_policy(to_string(*policy)).value(), *policy);
}

TEST(Policies, CoverAMemberOfTheConfigurationOrAllOfThem) {
  const auto covered = [](const char* text, const char* path, Attribute attribute, const char* name) {
    return covers(parse_policy(text).value(), path, attribute, name);
  };
  EXPECT_TRUE(covered("attribute=config.Labels:x", "", Attribute::config, "config.Labels"));
  EXPECT_FALSE(covered("attribute=config.Labels:x", "", Attribute::config, "config.Env"));
  EXPECT_TRUE(covered("attribute=config:x", "", Attribute::config, "config.Env"));
  // Where no file differs a path says nothing.
  EXPECT_FALSE(covered("path=*:x", "", Attribute::config, "config.Env"));
}

TEST(Policies, HideContentOnlyWhereTheySaySo) {
  for (const Attribute attribute : {Attribute::content, Attribute::size, Attribute::type, Attribute::missing,
                                    Attribute::added, Attribute::linktarget}) {
    const std::string name(causes::to_string(attribute));
    EXPECT_FALSE(covers(parse_policy("path=a:x").value(), "a", attribute, name)) << name;
    EXPECT_TRUE(covers(parse_policy("path=a,content:x").value(), "a", attribute, name)) << name;
  }
  EXPECT_TRUE(covers(parse_policy("path=a:x").value(), "a", Attribute::mtime, "mtime"));
}

}  // namespace
}  // namespace buildlab::policy
