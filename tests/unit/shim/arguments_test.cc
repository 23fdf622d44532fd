#include "framework/shim/arguments.h"

#include <gtest/gtest.h>

namespace buildlab::shim {
namespace {

TEST(BundleToStart, IsThatOfRunAndCreate) {
  EXPECT_EQ(bundle_to_start({"--log", "/l", "--log-format", "json", "run", "--bundle", "/b", "--keep", "id"}),
            "/b");
  EXPECT_EQ(bundle_to_start({"create", "--bundle=/b c", "id"}), "/b c");
  EXPECT_EQ(bundle_to_start({"--debug", "run", "-b", "/b", "id"}), "/b");
  EXPECT_EQ(bundle_to_start({"--root=/r", "run", "id"}), ".") << "the current folder, as runc has it";
}

TEST(BundleToStart, IsNoneOfOtherCommands) {
  EXPECT_EQ(bundle_to_start({"--log", "/l", "delete", "run"}), std::nullopt);
  EXPECT_EQ(bundle_to_start({"kill", "--all", "id", "9"}), std::nullopt);
  EXPECT_EQ(bundle_to_start({"--version"}), std::nullopt);
  EXPECT_EQ(bundle_to_start({"--log", "run", "state", "--bundle", "/b"}), std::nullopt)
      << "run is a value here";
  EXPECT_EQ(bundle_to_start({}), std::nullopt);
}

}  // namespace
}  // namespace buildlab::shim
