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
        "pull bandwidth bytes_per_sec=1048576", "pull gone", "export unauthorized times=1",
        "import corrupt"}) {
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
  EXPECT_THAT(message("pull status status=200"), HasSubstr("from 400 to 599"));
  EXPECT_THAT(message("pull status status=5x3"), HasSubstr("from 400 to 599"));
  EXPECT_THAT(message("pull gone times"), HasSubstr("times is not KEY=NUMBER"));
  EXPECT_THAT(message("pull gone times=1 times=2"), HasSubstr("twice"));
  EXPECT_THAT(message("pull gone times=99999999999999999999"), HasSubstr("whole number"));
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
