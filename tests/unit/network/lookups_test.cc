#include "framework/network/lookups.h"

#include <gtest/gtest.h>

namespace buildlab::network {
namespace {

using namespace std::chrono_literals;
using fault::At;

Lookups lookups(std::initializer_list<const char*> texts, std::optional<int> build = 1) {
  std::vector<fault::Fault> faults;
  for (const char* text : texts) faults.push_back(fault::parse_fault(text).value());
  return {faults, build};
}

TEST(Lookups, AreDisturbedAtTheirPlaceOnly) {
  Lookups of_pull = lookups({"pull unreachable", "import gone", "export latency latency_ms=5"});
  EXPECT_EQ(of_pull.next(At::pull, 0ms), (Lookup{LeadsTo::nowhere, 0ms}));
  EXPECT_FALSE(of_pull.next(At::import, 0ms).disturbed());
  EXPECT_FALSE(of_pull.next(At::write, 0ms).disturbed());
}

TEST(Lookups, LeadToWhereTheFaultSays) {
  EXPECT_EQ(lookups({"import no_route"}).next(At::import, 0ms).leads_to, LeadsTo::no_route);
  EXPECT_EQ(lookups({"import unresolved"}).next(At::import, 0ms).leads_to, LeadsTo::failure);
  const Lookup slow = lookups({"import slow_dns delay_ms=70"}).next(At::import, 0ms);
  EXPECT_EQ(slow, (Lookup{LeadsTo::proxy, 70ms}));
  EXPECT_TRUE(slow.disturbed());
}

TEST(Lookups, AreDisturbedSoManyTimesAndOnSchedule) {
  Lookups twice = lookups({"export unresolved times=2"});
  EXPECT_TRUE(twice.next(At::write, 0ms).disturbed());
  EXPECT_FALSE(twice.next(At::import, 0ms).disturbed());
  EXPECT_TRUE(twice.next(At::write, 0ms).disturbed());
  EXPECT_FALSE(twice.next(At::write, 0ms).disturbed());
  Lookups once = lookups({"import unresolved times=1"});
  EXPECT_TRUE(once.would_fail(At::import, 0ms));
  EXPECT_FALSE(once.would_fail(At::pull, 0ms));
  EXPECT_TRUE(once.next(At::import, 0ms).disturbed()) << "asking counts nothing";
  EXPECT_FALSE(once.would_fail(At::import, 0ms));
  EXPECT_FALSE(lookups({"import no_route"}).would_fail(At::import, 0ms));
  Lookups scheduled = lookups({"pull unreachable build=2 from_ms=100 for_ms=50"}, 2);
  EXPECT_FALSE(scheduled.next(At::pull, 99ms).disturbed());
  EXPECT_TRUE(scheduled.next(At::pull, 100ms).disturbed());
  EXPECT_FALSE(scheduled.next(At::pull, 150ms).disturbed());
  EXPECT_FALSE(lookups({"pull unreachable build=2"}).next(At::pull, 0ms).disturbed());
}

TEST(Lookups, AddDelaysUpAndLeadToTheFirstPlace) {
  Lookups both = lookups(
      {"pull slow_dns delay_ms=30", "pull no_route", "pull slow_dns delay_ms=12", "pull unreachable"});
  EXPECT_EQ(both.next(At::pull, 0ms), (Lookup{LeadsTo::no_route, 42ms}));
}

}  // namespace
}  // namespace buildlab::network
