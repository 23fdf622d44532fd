#include "tests/unit/drift/drift_fixture.h"

namespace buildlab::drift {
namespace {

using ::testing::HasSubstr;

class Hostile : public TwoImages {
 protected:
  std::string problem(const std::vector<Entry>& other) {
    const auto comparison = compare(tree(), other);
    return comparison ? "no error" : comparison.error().message;
  }
  static std::vector<Entry> plus(const std::vector<Entry>& more) {
    std::vector<Entry> all = tree();
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

TEST_F(Hostile, PathsThatLeaveTheImageAreRefused) {
  EXPECT_THAT(problem(plus({{"../../etc/cron.d/x", "boo"}})), HasSubstr("leaves the image"));
}

TEST_F(Hostile, DanglingAndCircularHardLinksAreRefused) {
  EXPECT_THAT(problem(plus({{"usr/q", "", '1', "usr/none"}})),
              HasSubstr("\"usr/q\" is a hard link to \"usr/none\", which no layer holds"));
  EXPECT_THAT(problem(plus({{"usr/q", "", '1', "usr/r"}, {"usr/r", "", '1', "usr/q"}})), HasSubstr("circle"));
}

TEST_F(Hostile, AHardLinkToALayerBelowIsRight) {
  ImageSpec a{{synthetic::tar_of(tree()), synthetic::tar_of({{"opt/l", "", '1', "etc/a"}, {"opt/n", "1"}})}};
  ImageSpec b = a;
  b.tars[1] = synthetic::tar_of({{"opt/l", "", '1', "etc/a"}, {"opt/n", "2"}});
  EXPECT_EQ(text(compare(a, b)), "different; 2 opt/n content");
}

TEST_F(Hostile, ManyHardLinksInOneChainAreFollowedInTime) {
  std::vector<Entry> a{{"f0", "x"}};
  for (int i = 1; i < 20000; ++i) a.push_back({fmt::format("f{}", i), "", '1', fmt::format("f{}", i - 1)});
  std::vector<Entry> b = a;
  b.back().link = "f0";
  EXPECT_EQ(text(compare(a, b)), "representation; 1 f19999 linktarget hardlink to f19998 -> hardlink to f0");
}

TEST_F(Hostile, ALayerBeyondTheLimitIsRefused) {
  Options options;
  options.max_layer = Bytes{8192};
  const auto other = with("etc/b", [](Entry& e) { e.content += "x"; });
  const auto comparison =
      compare(ImageSpec{{synthetic::tar_of(tree())}}, ImageSpec{{synthetic::tar_of(other)}}, options);
  ASSERT_FALSE(comparison);
  EXPECT_THAT(comparison.error().message, HasSubstr("unpacks to more than 8.0 KiB"));
}

TEST_F(Hostile, AWrongDiffIdIsRefusedWhereItIsRead) {
  ImageSpec wrong{{synthetic::tar_of(with("etc/a", [](Entry& e) { e.mode = 0600; }))}};
  wrong.diff_ids = {sha256("another").text()};
  const auto comparison = compare(ImageSpec{{synthetic::tar_of(tree())}}, wrong);
  ASSERT_FALSE(comparison);
  EXPECT_THAT(comparison.error().message, HasSubstr("DiffID"));
}

TEST_F(Hostile, AClaimOfTheOtherImagesDiffIdIsNotBelieved) {
  const ImageSpec right{{synthetic::tar_of(tree())}};
  ImageSpec wrong{{synthetic::tar_of(with("etc/a", [](Entry& e) { e.content = "evil!"; }))}};
  wrong.diff_ids = {sha256(right.tars[0]).text()};
  const auto comparison = compare(right, wrong);
  ASSERT_FALSE(comparison);
  EXPECT_THAT(comparison.error().message, HasSubstr("DiffID"));
}

}  // namespace
}  // namespace buildlab::drift
