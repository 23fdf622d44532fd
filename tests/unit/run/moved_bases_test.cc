#include "framework/run/moved_bases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/base/digest.h"

namespace buildlab::run {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

engine::ResolvedBase base(const std::string& reference, const std::string& content) {
  return {.reference = reference, .canonical = reference, .digest = sha256(content)};
}

TEST(MovedBases, AreThoseWhoseTagNamesAnotherDigest) {
  const std::vector<engine::ResolvedBase> pinned = {base("e.example/a:1", "a"), base("e.example/b:1", "b")};
  const std::vector<engine::ResolvedBase> now = {base("e.example/b:1", "new b"), base("e.example/a:1", "a")};
  EXPECT_THAT(moved_bases(pinned, now),
              ElementsAre(record::MovedBase{"e.example/b:1", sha256("b").text(), sha256("new b").text()}));
  EXPECT_THAT(moved_bases(pinned, pinned), IsEmpty());
  EXPECT_THAT(moved_bases(pinned, {}), IsEmpty());
}

// Of a kept builder it was resolved up to an hour before the run began.
TEST(MovedBases, AreNotSaidToHaveMovedDuringTheRun) {
  EXPECT_EQ(moved_words({"e.example/a:1", "sha256:1", "sha256:2"}),
            "the tag e.example/a:1 moved since it was resolved: all builds of the run had sha256:1, it names "
            "sha256:2 now");
}

TEST(MovedBases, OnlyTagsOfRegistriesAreAskedAgain) {
  engine::ResolvedBase local = base("debian:bookworm-slim", "a");
  local.made_locally = true;
  const std::string pinned = "e.example/a:1@" + sha256("a").text();
  EXPECT_THAT(movable({local, base(pinned, "a"), base("e.example/a:1", "a")}), ElementsAre("e.example/a:1"));
  engine::ResolvedBase registry = base("debian:bookworm-slim", "b");
  EXPECT_THAT(moved_bases({local}, {registry}), IsEmpty()) << "it is another image, not a moved tag";
}

}  // namespace
}  // namespace buildlab::run
