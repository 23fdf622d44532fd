#include "framework/drift/flat.h"

#include "tests/unit/drift/drift_fixture.h"

namespace buildlab::drift {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class FlatTrees : public TwoImages {
 protected:
  static ImageSpec layers(const std::vector<std::vector<Entry>>& all) {
    ImageSpec spec;
    for (const auto& entries : all) spec.tars.push_back(synthetic::tar_of(entries));
    return spec;
  }
};

TEST_F(FlatTrees, AnotherDivisionIntoLayersIsRepresentation) {
  const std::vector<Entry> all = tree();
  const std::vector<Entry> low(all.begin(), all.begin() + 4);
  const std::vector<Entry> high(all.begin() + 4, all.end());
  EXPECT_EQ(text(compare(layers({all}), layers({low, high}))),
            "representation; 0 - format division into layers 1 layers -> 2 layers");
}

TEST_F(FlatTrees, ADifferenceIsFoundAcrossAnotherDivision) {
  const std::vector<Entry> all = tree();
  std::vector<Entry> low(all.begin(), all.begin() + 4);
  const std::vector<Entry> high(all.begin() + 4, all.end());
  low[1].content = "hellO";
  low[2].mode = 0600;
  EXPECT_EQ(
      text(compare(layers({all}), layers({low, high}))),
      "different; 1 etc/a content; 1 etc/b mode 644 -> 600; 0 - format division into layers 1 layers -> 2 "
      "layers");
}

TEST_F(FlatTrees, WhiteoutsTakeAwayWhatIsBelow) {
  const std::vector<Entry> without = {tree()[0], tree()[2]};
  const std::vector<Entry> with_a = {tree()[0], tree()[1], tree()[2]};
  const Entry gone{"etc/.wh.a", ""};
  EXPECT_THAT(text(compare(layers({without}), layers({with_a, {gone}}))), StartsWith("representation"));
  EXPECT_THAT(text(compare(layers({with_a}), layers({with_a, {gone}}))), HasSubstr("different"));
  // An opaque one empties its folder of what is below, not of its own layer.
  const Entry opaque{"etc/.wh..wh..opq", ""};
  EXPECT_THAT(text(compare(layers({without}), layers({with_a, {tree()[2], opaque}}))),
              StartsWith("representation"));
}

TEST_F(FlatTrees, ALayerThatIsOnlyInOneImageIsTold) {
  EXPECT_EQ(text(compare(layers({tree()}), layers({tree(), {{"opt/new", "x"}}}))),
            "different; 2 opt/new added  -> file; 0 - format division into layers 1 layers -> 2 layers");
}

TEST_F(FlatTrees, ALayerThatRepeatsWhatIsBelowIsRepresentation) {
  const std::vector<Entry> top = {{"opt/new", "x"}};
  const std::vector<Entry> top_again = {tree()[1], {"opt/new", "x"}};
  EXPECT_EQ(text(compare(layers({tree(), top}), layers({tree(), top_again}))),
            "representation; 2 etc/a added  -> file");
}

TEST_F(FlatTrees, LayersAreTiedByContentAndNotByPosition) {
  const std::vector<Entry> extra = {{"opt/new", "x"}};
  EXPECT_THAT(text(compare(layers({tree()}), layers({extra, tree()}))),
              HasSubstr("different; 1 opt/new added"));
}

TEST_F(FlatTrees, WhatALayerAboveHidesIsRepresentation) {
  const std::vector<Entry> other = with("etc/a", [](Entry& e) { e.content = "hellO"; });
  const Entry gone{"etc/.wh.a", ""};
  EXPECT_EQ(text(compare(layers({tree(), {gone}}), layers({other, {gone}}))),
            "representation; 1 etc/a content");
  EXPECT_EQ(text(compare(layers({tree(), {{"etc/a", "new"}}}), layers({other, {{"etc/a", "new"}}}))),
            "representation; 1 etc/a content");
  const Entry opaque{"etc/.wh..wh..opq", ""};
  EXPECT_EQ(text(compare(layers({tree(), {opaque}}), layers({other, {opaque}}))),
            "representation; 1 etc/a content");
  // Not what lies in the same layer, or in one above.
  EXPECT_EQ(text(compare(layers({{gone}, tree()}), layers({{gone}, other}))), "different; 2 etc/a content");
  EXPECT_EQ(text(compare(layers({tree(), {{"etc/.wh.b", ""}}}), layers({other, {{"etc/.wh.b", ""}}}))),
            "different; 1 etc/a content");
}

TEST_F(FlatTrees, ARemovedNameOfAFileThatAnotherNameKeepsHidesNothing) {
  const std::vector<Entry> other = with("usr/h", [](Entry& e) { e.content = "lonk"; });
  const Entry gone{"usr/.wh.h", ""};
  EXPECT_EQ(text(compare(layers({tree(), {gone}}), layers({other, {gone}}))), "different; 1 usr/h content");
}

}  // namespace
}  // namespace buildlab::drift
