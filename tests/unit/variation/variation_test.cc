#include "framework/variation/variation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::variation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string parsed(const std::vector<std::string>& words) {
  const auto variations = parse_variations(words);
  return variations ? to_string(*variations) : "error: " + variations.error().message;
}

TEST(VariationCatalogue, StandsInTheOrderOfTheEnumeration) {
  for (std::size_t i = 0; i < k_kinds; ++i) {
    EXPECT_EQ(static_cast<std::size_t>(catalogue()[i].kind), i);
    EXPECT_FALSE(catalogue()[i].name.empty());
    EXPECT_FALSE(catalogue()[i].changes.empty());
  }
}

TEST(VariationNames, ReadBackAsWhatTheyName) {
  const auto all = parse_variations({"all"});
  ASSERT_TRUE(all);
  EXPECT_EQ(all->size(), k_kinds + k_clock_offsets.size() - 1);
  for (const Variation& variation : *all) {
    const auto again = parse_variation(to_string(variation));
    ASSERT_TRUE(again) << to_string(variation);
    EXPECT_THAT(*again, ElementsAre(variation));
  }
}

TEST(Variations, AreSortedAndEachOnce) {
  EXPECT_EQ(parsed({"umask", "hostname", "umask"}), "hostname, umask");
}

TEST(Variations, CanBeTakenAway) {
  const std::string rest = parsed({"all", "-umask", "-clock", "-network"});
  EXPECT_THAT(rest, HasSubstr("hostname"));
  EXPECT_THAT(rest, HasSubstr("context_umask"));
  EXPECT_THAT(rest, testing::Not(HasSubstr("clock")));
  EXPECT_THAT(rest, testing::Not(HasSubstr("network")));
  EXPECT_THAT(rest, testing::Not(testing::ContainsRegex("(^|, )umask")));
  EXPECT_EQ(parsed({"clock", "-clock=+1d"}), "clock=+35d, clock=+1y");
}

TEST(Variations, MustLeaveSomething) {
  EXPECT_EQ(parsed({}), "error: no variation is left to apply");
  EXPECT_EQ(parsed({"umask", "-umask"}), "error: no variation is left to apply");
}

TEST(Variations, UnknownNamesAreToldWithWhatWasMeant) {
  EXPECT_EQ(parsed({"hostnam"}), "error: unknown variation \"hostnam\"; did you mean \"hostname\"?");
  EXPECT_THAT(parsed({"zzzzzz"}), HasSubstr("known: all, environment, hostname, clock"));
  EXPECT_THAT(parsed({"-nothing-like-it"}), HasSubstr("unknown variation"));
  EXPECT_EQ(parse_variations({"hostnam"}).error().kind, ErrorKind::usage);
}

TEST(Clock, OffsetsAreWrittenInTheLargestUnit) {
  EXPECT_EQ(parsed({"clock=+365d"}), "clock=+1y");
  EXPECT_EQ(parsed({"clock=-36h"}), "clock=-36h");
  EXPECT_EQ(parsed({"clock=+90m", "clock=+1s"}), "clock=+1s, clock=+90m");
  EXPECT_EQ(parsed({"clock"}), "clock=+1d, clock=+35d, clock=+1y");
}

TEST(Clock, RefusesWhatIsNoOffset) {
  for (const char* wrong : {"clock=", "clock=1d", "clock=+d", "clock=+1", "clock=+1w", "clock=+-1d",
                            "clock=+1.5d", "clock=+1d ", "clock=+1dd"})
    EXPECT_THAT(parsed({wrong}), HasSubstr("written like +1d")) << wrong;
  EXPECT_THAT(parsed({"clock=+0d"}), HasSubstr("changes nothing"));
  EXPECT_THAT(parsed({"clock=+101y"}), HasSubstr("farther than 100 years"));
  EXPECT_THAT(parsed({"clock=-99999999999999999999s"}), HasSubstr("farther than 100 years"));
}

TEST(Variation, TakesAValueOnlyWhereItHasOne) {
  EXPECT_EQ(parsed({"hostname=x"}), "error: variation \"hostname\" takes no value");
}

}  // namespace
}  // namespace buildlab::variation
