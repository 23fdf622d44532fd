#include "framework/drift/policy.h"

#include "tests/unit/drift/drift_fixture.h"

namespace buildlab::drift {
namespace {

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

class PassedOver : public TwoImages {
 protected:
  Result<Comparison> with_policy(const char* policy, const std::vector<Entry>& other) {
    Options options;
    options.policies.push_back(parse_policy(policy).value());
    return compare(ImageSpec{{synthetic::tar_of(tree())}}, ImageSpec{{synthetic::tar_of(other)}}, options);
  }
};

TEST_F(PassedOver, ByPathAndAttributeWithTheReasonKept) {
  const auto other = with("etc/a", [](Entry& e) { e.mtime = 5; });
  const auto comparison = with_policy("path=etc/*,attribute=mtime:nobody reads it", other);
  EXPECT_EQ(text(comparison), "identical");
  ASSERT_EQ(comparison->ignored.size(), 1U);
  EXPECT_EQ(comparison->ignored[0].differences, 1U);
  EXPECT_EQ(comparison->ignored[0].reason, "nobody reads it");
  EXPECT_EQ(text(with_policy("path=usr/*,attribute=mtime:x", other)), "different; 1 etc/a mtime 1000 -> 5");
}

TEST_F(PassedOver, NeverContentUnlessThePolicySaysSo) {
  const auto other = with("etc/a", [](Entry& e) {
    e.content = "hellO";
    e.mtime = 5;
  });
  EXPECT_EQ(text(with_policy("path=etc/*:x", other)), "different; 1 etc/a content");
  EXPECT_EQ(text(with_policy("path=etc/*,content:x", other)), "identical");
  std::vector<Entry> fewer = tree();
  fewer.erase(fewer.begin() + 1);
  EXPECT_EQ(text(with_policy("path=*:x", fewer)), "different; 1 etc/a missing file -> ");
}

}  // namespace
}  // namespace buildlab::drift
