#include "framework/drift/passed_over.h"

#include "tests/unit/drift/drift_fixture.h"

namespace buildlab::drift {
namespace {

class PassedOver : public TwoImages {
 protected:
  Result<Comparison> with_policy(const char* policy, const std::vector<Entry>& other) {
    Options options;
    options.policies.push_back(policy::parse_policy(policy).value());
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
