#include "framework/process/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <string>

#include "framework/process/command.h"

namespace buildlab::process {
namespace {

TEST(Descriptors, AreRaisedForUsAndNotForOurChildren) {
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  rlimit few = usual;
  few.rlim_cur = 333;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  raise_descriptor_limit();
  rlimit raised{};
  EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &raised), 0);
  EXPECT_GT(raised.rlim_cur, 333U);
  EXPECT_EQ(raised.rlim_max, usual.rlim_max);
  const auto child = run(Command{.argv = {"sh", "-c", "ulimit -Sn; ulimit -Hn"}});
  ASSERT_TRUE(child);
  const std::string hard = usual.rlim_max == RLIM_INFINITY ? "unlimited" : std::to_string(usual.rlim_max);
  EXPECT_EQ(child->standard_output, "333\n" + hard + "\n");
}

}  // namespace
}  // namespace buildlab::process
