#include "framework/fault/fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::fault {
namespace {

using ::testing::HasSubstr;

TEST(Fault, ReadsWhatItWrites) {
  for (const char* text :
       {"import refused", "pull cut after_bytes=65536", "pull cut", "export status status=503 times=2",
        "pull latency latency_ms=100 jitter_ms=50", "import too_many_requests retry_after_sec=1",
        "pull bandwidth bytes_per_sec=1048576", "pull gone", "export unauthorized times=1", "import corrupt",
        "import unreachable times=1", "pull slow_dns delay_ms=2000", "export no_route",
        "fetch unresolved times=3",
        "fetch latency latency_ms=2000 build=2 from_ms=500 for_ms=1000 every_ms=5000"}) {
    const auto fault = parse_fault(text);
    ASSERT_TRUE(fault) << text << ": " << fault.error().message;
    EXPECT_EQ(to_string(*fault), text);
  }
}

TEST(Fault, KeepsItsNumbersApart) {
  const auto fault = parse_fault("pull latency latency_ms=100 jitter_ms=50 times=3");
  ASSERT_TRUE(fault);
  Fault expected;
  expected.at = At::pull;
  expected.kind = Kind::latency;
  expected.latency_ms = 100;
  expected.jitter_ms = 50;
  expected.times = 3;
  EXPECT_EQ(*fault, expected);
}

TEST(Fault, SaysWhatIsWrong) {
  const auto message = [](const char* text) {
    const auto fault = parse_fault(text);
    return fault ? std::string("it was read") : fault.error().message;
  };
  EXPECT_THAT(message("pull"), HasSubstr("a place and a kind"));
  EXPECT_THAT(message("push gone"), HasSubstr("push is no place"));
  EXPECT_THAT(message("pull lost"), HasSubstr("lost is no kind"));
  EXPECT_THAT(message("pull gone status=404"), HasSubstr("gone takes no status"));
  EXPECT_THAT(message("pull status"), HasSubstr("status needs status"));
  EXPECT_THAT(message("pull slow_dns"), HasSubstr("slow_dns needs delay_ms"));
  EXPECT_THAT(message("pull unreachable delay_ms=5"), HasSubstr("unreachable takes no delay_ms"));
  EXPECT_THAT(message("pull status status=200"), HasSubstr("from 400 to 599"));
  EXPECT_THAT(message("pull status status=5x3"), HasSubstr("from 400 to 599"));
  EXPECT_THAT(message("fetch gone every_ms=5"), HasSubstr("every_ms needs for_ms"));
  EXPECT_THAT(message("fetch gone every_ms=5 for_ms=6"), HasSubstr("must not be less than for_ms"));
  EXPECT_THAT(message("pull gone times"), HasSubstr("times is not KEY=NUMBER"));
  EXPECT_THAT(message("pull gone times=1 times=2"), HasSubstr("twice"));
  EXPECT_THAT(message("pull gone times=99999999999999999999"), HasSubstr("whole number"));
}

TEST(Fault, HasASchedule) {
  const Fault fault =
      parse_fault("fetch latency latency_ms=1 build=2 from_ms=500 for_ms=100 every_ms=1000").value();
  EXPECT_FALSE(is_on(fault, 1, 550));
  EXPECT_FALSE(is_on(fault, std::nullopt, 550));
  for (const int after : {500, 599, 1500, 2599}) EXPECT_TRUE(is_on(fault, 2, after)) << after;
  for (const int after : {0, 499, 600, 1499, 1600}) EXPECT_FALSE(is_on(fault, 2, after)) << after;
  const Fault once = parse_fault("fetch refused from_ms=500 for_ms=100").value();
  EXPECT_TRUE(is_on(once, 7, 599));
  EXPECT_FALSE(is_on(once, 7, 1500));
  const Fault always = parse_fault("fetch refused").value();
  EXPECT_TRUE(is_on(always, std::nullopt, 0));
  EXPECT_TRUE(is_on(parse_fault("fetch refused from_ms=500").value(), 1, 100000));
}

TEST(Fault, OfTheWayIsWhatNoRequestMeets) {
  for (const std::string& name : kind_names()) {
    const bool of_way =
        name == "unreachable" || name == "no_route" || name == "slow_dns" || name == "unresolved";
    EXPECT_EQ(is_of_way(parse_kind(name).value()), of_way) << name;
  }
}

TEST(Fault, EveryKindTakesWhatItNeeds) {
  for (const std::string& name : kind_names()) {
    const auto kind = parse_kind(name);
    ASSERT_TRUE(kind) << name;
    Fault fault;
    fault.kind = *kind;
    for (const Parameter& parameter : parameters(*kind)) {
      set_value(fault, parameter.key, static_cast<std::int64_t>(parameter.most));
      EXPECT_EQ(value_of(fault, parameter.key), static_cast<std::int64_t>(parameter.most))
          << name << parameter.key;
    }
    const auto again = parse_fault(to_string(fault));
    ASSERT_TRUE(again) << name << ": " << again.error().message;
    EXPECT_EQ(*again, fault) << name;
  }
}

}  // namespace
}  // namespace buildlab::fault
