#include "framework/engine/debug_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <array>
#include <cstring>
#include <thread>

#include "framework/base/file.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Answers one connection with a text, and ends it or leaves it open.
class Daemon {
 public:
  Daemon(std::string answer, bool ends)
      : m_folder(std::move(*TempDir::create(fs::temp_directory_path(), "bl-"))) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket().c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(m_listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(m_listener.get(), 1), 0);
    m_thread = std::thread([this, answer = std::move(answer), ends] { serve(answer, ends); });
  }
  ~Daemon() {
    ::shutdown(m_listener.get(), SHUT_RDWR);
    m_thread.join();
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  fs::path socket() const { return m_folder.path() / "s"; }
  const std::string& asked() const { return m_asked; }

 private:
  void serve(const std::string& answer, bool ends) {
    const Fd peer(::accept(m_listener.get(), nullptr, nullptr));
    if (!peer.valid()) return;
    std::array<char, 4096> request{};
    const ssize_t got = ::recv(peer.get(), request.data(), request.size(), 0);
    m_asked.assign(request.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    for (std::size_t sent = 0; sent < answer.size();) {
      const ssize_t more = ::send(peer.get(), answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
      if (more <= 0) return;
      sent += static_cast<std::size_t>(more);
    }
    // Until whoever asked has gone.
    if (!ends) (void)::recv(peer.get(), request.data(), request.size(), 0);
  }

  TempDir m_folder;
  Fd m_listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::string m_asked;
  std::thread m_thread;
};

TEST(DebugAddress, GivesTheBodyOfTheAnswer) {
  std::string asked;
  {
    Daemon daemon("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[1]", true);
    const auto answer = ask_debug_address({.socket = daemon.socket(), .path = "/debug/cache/store"});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*answer, "[1]");
    asked = daemon.asked();
  }
  EXPECT_THAT(asked, StartsWith("GET /debug/cache/store HTTP/1.0\r\n"));
  EXPECT_THAT(asked, HasSubstr("Accept: application/json\r\n"));
}

TEST(DebugAddress, RefusesAnAnswerBeyondItsLimit) {
  Daemon daemon("HTTP/1.0 200 OK\r\n\r\n" + std::string(100'000, 'x'), false);
  const auto answer = ask_debug_address({.socket = daemon.socket(), .path = "/p", .limit = 1000});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("/p: it is longer than 1000 bytes"));
}

TEST(DebugAddress, WaitsNoLongerThanAsked) {
  Daemon daemon("HTTP/1.0 200 OK\r\n\r\n[", false);
  const auto answer =
      ask_debug_address({.socket = daemon.socket(), .path = "/p", .at_most = std::chrono::milliseconds(50)});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("no whole answer in time"));
}

TEST(DebugAddress, WhereNobodyListensIsAnError) {
  const auto answer = ask_debug_address({.socket = "/nowhere/s", .path = "/p"});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("nobody listens"));
  EXPECT_FALSE(connect_local(std::string(200, 'x')).valid()) << "longer than a socket's name may be";
}

TEST(BodyOfAnswer, IsRefusedWithAnotherStatus) {
  EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\na: b\r\n\r\nbody\r\n\r\n"), "body\r\n\r\n");
  EXPECT_THAT(body_of("HTTP/1.0 500 Internal Server Error\r\n\r\nno store").error().message,
              HasSubstr("500 Internal Server Error\": no store"));
  EXPECT_FALSE(body_of("HTTP/1.0 200 OK\r\n"));
  EXPECT_FALSE(body_of("SSH-2.0-x\r\n\r\n"));
  EXPECT_FALSE(body_of(""));
}

}  // namespace
}  // namespace buildlab::engine
