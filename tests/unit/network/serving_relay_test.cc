// What becomes of a connection whose relay throws.
#include "framework/network/serving_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <array>
#include <atomic>
#include <new>
#include <thread>

namespace buildlab::network {
namespace {

using namespace std::chrono_literals;
using ::testing::SizeIs;

class ThrowingRelay final : public ServingRelay {
 public:
  using ServingRelay::ServingRelay;
  bool closed_other_side = false;

 private:
  void serve(RequestParser& request) override {
    Exchange exchange;
    exchange.method = std::string(request.get().method_string());
    const UnderWay under_way(m_shared, std::move(exchange), false);
    throw std::bad_alloc();
  }
  void close_other_side() override { closed_other_side = true; }
};

TEST(ServingRelay, TellsTheEndOfARequestAndClosesItsSocketsWhereItThrows) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const Fd client(ends[0]);
  Shared shared({}, {});
  ThrowingRelay relay(ends[1], shared);
  const std::string request = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_EQ(::send(client.get(), request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  run_to_end(relay);
  EXPECT_TRUE(relay.closed_other_side);
  char byte = 0;
  errno = 0;
  EXPECT_LE(::recv(client.get(), &byte, 1, MSG_DONTWAIT), 0);
  EXPECT_NE(errno, EAGAIN) << "the client is told of the end";
  const Transfers seen = shared.transfers(600s);
  ASSERT_THAT(seen.exchanges, SizeIs(1));
  EXPECT_EQ(seen.exchanges[0].method, "GET");
  EXPECT_TRUE(seen.exchanges[0].cut);
}

// Its client has sent the next request whenever it comes to wait for one; after the last it sends none.
class BusyRelay final : public ServingRelay {
 public:
  static constexpr int k_requests = 2000;
  BusyRelay(int end, Shared& shared, int client) : ServingRelay(end, shared), m_client_end(client) {}

  void send_next() const {
    const std::string request = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
    EXPECT_EQ(::send(m_client_end, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  }
  int served = 0;

 private:
  void serve(RequestParser&) override {
    if (++served < k_requests) send_next();
  }
  void close_other_side() override {}
  int m_client_end;
};

TEST(ServingRelay, EndsForOthersOnlyWhereNoRequestHasCome) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const Fd client(ends[0]);
  Shared shared({}, {});
  BusyRelay relay(ends[1], shared, client.get());
  relay.send_next();
  std::atomic<bool> ended = false;
  std::thread crowd([&] {
    while (!ended) relay.stop_if_idle();
  });
  run_to_end(relay);
  ended = true;
  crowd.join();
  EXPECT_EQ(relay.served, BusyRelay::k_requests);
}

}  // namespace
}  // namespace buildlab::network
