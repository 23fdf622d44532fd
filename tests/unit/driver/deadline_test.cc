// The driver's own deadline.
#include "gates/driver/deadline.h"

#include <gtest/gtest.h>

#include <future>

namespace buildlab::gates {
namespace {

TEST(Deadline, PassesOnce) {
  std::promise<void> passed;
  auto future = passed.get_future();
  const Deadline deadline(std::chrono::milliseconds(1), [&] { passed.set_value(); });
  ASSERT_EQ(future.wait_for(std::chrono::seconds(30)), std::future_status::ready);
  EXPECT_TRUE(deadline.passed());
}

TEST(Deadline, IsForgottenWhenTheWorkEndsBefore) {
  bool called = false;
  {
    const Deadline deadline(std::chrono::hours(1), [&] { called = true; });
    EXPECT_FALSE(deadline.passed());
  }
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace buildlab::gates
