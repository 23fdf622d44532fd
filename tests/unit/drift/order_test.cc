#include "framework/drift/order.h"

#include <gtest/gtest.h>

namespace buildlab::drift {
namespace {

Difference of(Attribute attribute, const std::string& path,
              std::optional<causes::Cause> cause = std::nullopt) {
  Difference difference;
  difference.layer = 1;
  difference.attribute = attribute;
  difference.path = path;
  difference.cause = std::move(cause);
  return difference;
}

causes::Cause cause(const std::string& row, const std::string& root = "") {
  causes::Cause result;
  result.row = row;
  result.root = root;
  return result;
}

TEST(Groups, ManyDifferencesOfOneCauseAreOne) {
  std::vector<Difference> all;
  for (int i = 0; i < 5000; ++i) all.push_back(of(Attribute::mtime, std::to_string(i), cause("G1")));
  all.push_back(of(Attribute::mode, "x", cause("A19")));
  const auto found = groups(all);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].members.size(), 5000U);
}

TEST(Groups, WhatFollowsFromOneRootIsOneAndContentsOfUnknownCauseAreEachTheirOwn) {
  const std::vector<Difference> all = {
      of(Attribute::content, "a"), of(Attribute::size, "a"), of(Attribute::content, "b"),
      of(Attribute::content, "c", cause("E6", "a")), of(Attribute::content, "d", cause("E6", "a"))};
  const auto found = groups(all);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].members.size(), 2U);
  EXPECT_EQ(found[2].members.size(), 2U);
}

TEST(SortWorstFirst, ContentBeforeTimesAndRootsBeforeConsequences) {
  Difference other_bytes = of(Attribute::order, "");
  other_bytes.representation = true;
  std::vector<Difference> all = {other_bytes, of(Attribute::mtime, "m"),
                                 of(Attribute::content, "z", cause("E6", "a")), of(Attribute::mode, "p"),
                                 of(Attribute::content, "a")};
  sort_worst_first(all);
  std::string order;
  for (const Difference& difference : all) order += difference.path + ",";
  EXPECT_EQ(order, "a,p,m,z,,");
}

}  // namespace
}  // namespace buildlab::drift
