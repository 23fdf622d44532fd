#include "framework/base/look_up.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "framework/base/file.h"

namespace buildlab {
namespace {

using namespace std::chrono_literals;

TEST(LookUp, ReadsAddressesWithoutAsking) {
  const auto found = look_up("127.0.0.1", "80", 0s);
  ASSERT_EQ(found.size(), 1U);
  ASSERT_EQ(found[0].family(), AF_INET);
  const auto* address = reinterpret_cast<const sockaddr_in*>(&found[0].storage);
  EXPECT_EQ(address->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
  EXPECT_EQ(address->sin_port, htons(80));
  EXPECT_EQ(look_up("::1", "443", 0s).at(0).family(), AF_INET6);
}

TEST(LookUp, FindsTheNamesOfThisMachine) {
  EXPECT_FALSE(look_up("localhost", "80", 30s).empty());
  EXPECT_TRUE(look_up("no host", "80", 30s).empty());
  EXPECT_TRUE(look_up("localhost", "no port", 30s).empty());
}

TEST(LookUp, GivesUpOnceItIsWoken) {
  const Fd wake(::eventfd(1, EFD_CLOEXEC));
  EXPECT_TRUE(look_up("name.invalid", "80", 600s, wake.get()).empty());
  EXPECT_TRUE(look_up("localhost", "80", 0s).empty()) << "nobody answers within no time";
}

}  // namespace
}  // namespace buildlab
