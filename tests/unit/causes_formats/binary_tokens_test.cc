#include "framework/causes/binary_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/causes_formats/samples.h"

namespace buildlab::causes {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t k_in_a = k_build_time + 60;
constexpr std::uint64_t k_in_b = k_build_time + 1900;

std::optional<Cause> times(const std::string& a, const std::string& b,
                           const Surroundings& surroundings = built_then()) {
  return of_binary_times({"x.bin", a, b}, surroundings);
}

TEST(BinaryTimes, AreReadInEachOrderAndUnit) {
  for (const std::uint64_t unit : {1ULL, 1000ULL, 1'000'000ULL, 1'000'000'000ULL}) {
    const std::size_t width = unit == 1 ? 4 : 8;
    EXPECT_EQ(verdict(times("ab" + le(k_in_a * unit, width) + "c", "ab" + le(k_in_b * unit, width) + "c")),
              "TIME G6 proven");
    EXPECT_EQ(verdict(times(be(k_in_a * unit, width) + "c", be(k_in_b * unit, width) + "c")),
              "TIME G6 proven");
  }
  const auto cause = times("head" + le(k_in_a, 8) + le(500, 8), "head" + le(k_in_b, 8) + le(123'456'789, 8));
  EXPECT_EQ(verdict(cause), "TIME G6 proven");
  EXPECT_EQ(evidence(cause), "offset 4: 2026-11-24T10:01:00.0000005Z, then 2026-11-24T10:31:40.123456789Z\n");
}

TEST(BinaryTimes, NeedTheBuildsWindows) {
  const std::string a = "x" + le(k_in_a, 4);
  const std::string b = "x" + le(k_in_b, 4);
  EXPECT_EQ(verdict(times(a, b, {})), "unknown");
  EXPECT_EQ(verdict(times(b, a)), "unknown");  // each in the other's build
  Surroundings one = built_then();
  one.build_b.reset();
  EXPECT_EQ(verdict(times(a, b, one)), "unknown");
}

TEST(BinaryTimes, MustCoverEveryDifferingByte) {
  EXPECT_EQ(verdict(times("x" + le(k_in_a, 4), "y" + le(k_in_b, 4))), "unknown");
  EXPECT_EQ(verdict(times(le(k_in_a, 4) + "tail", le(k_in_b, 4) + "tails")), "unknown");
  EXPECT_EQ(verdict(of_binary_times({"x", le(k_in_a, 4), le(k_in_b, 4), false}, built_then())),
            "TIME G6 supposed");
}

TEST(BinaryRandom, KnowsTheNamesOfTemporaryFiles) {
  const auto random = [](const std::string& a, const std::string& b) {
    return verdict(of_binary_random({"x", a, b}));
  };
  EXPECT_EQ(random(std::string("\0/tmp/tmpab12cd34/x", 20), std::string("\0/tmp/tmpzz_9qwer/x", 20)),
            "RAND G7 proven");
  EXPECT_EQ(random("in /tmp/tmp.Ab3dE6gH9j now", "in /tmp/tmp.0000000000 now"), "RAND G7 proven");
  EXPECT_EQ(random("pip-target-k3x9mzqa", "pip-target-7_uw2bcd"), "RAND G7 proven");
  EXPECT_EQ(random("id 0fe3b1c2-1111-4abc-9def-001122334455", "id deadbeef-2222-4abc-8def-998877665544"),
            "RAND G7 proven");
}

TEST(BinaryRandom, TakesNoWordsAndDigestsForRandomNames) {
  const auto random = [](const std::string& a, const std::string& b) {
    return verdict(of_binary_random({"x", a, b}));
  };
  EXPECT_EQ(random("template", "temp1ate"), "unknown");
  EXPECT_EQ(random("tmpfs", "tmpxy"), "unknown");
  EXPECT_EQ(random(std::string(64, 'a'), std::string(64, 'b')), "unknown");
  // Of version 5: made of a name, so that it follows from something.
  EXPECT_EQ(random("0fe3b1c2-1111-5abc-9def-001122334455", "deadbeef-2222-5abc-8def-998877665544"),
            "unknown");
  EXPECT_EQ(random("x tmp.Ab3dE6gH9j", "y tmp.0000000000"), "unknown");
}

}  // namespace
}  // namespace buildlab::causes
