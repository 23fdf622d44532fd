#include "framework/base/environment.h"

#include <gtest/gtest.h>
#include <cstdlib>

namespace buildlab {
namespace {

TEST(Environment, IsTheValueOrNothing) {
  ::setenv("BUILDLAB_TEST_VARIABLE", "a b", 1);
  EXPECT_EQ(environment("BUILDLAB_TEST_VARIABLE"), "a b");
  ::unsetenv("BUILDLAB_TEST_VARIABLE");
  EXPECT_EQ(environment("BUILDLAB_TEST_VARIABLE"), "");
}

}  // namespace
}  // namespace buildlab
