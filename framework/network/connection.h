// One side of a relay: a socket, what was read of it too early, and operations that wait for their end.
// Private to relay.cc, which alone pays for Beast.
#pragma once

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstring>
#include <type_traits>
#include <vector>

#include "framework/base/file.h"
#include "framework/base/look_up.h"

namespace buildlab::network {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

// The loop of one relay: whoever waits runs it. stop() may come from another thread at any time.
class Loop {
 public:
  asio::io_context& context() { return m_context; }
  bool stopped() const { return m_stopped; }
  void stop() {
    m_stopped = true;
    m_context.stop();
    nudge();
  }
  // Ends a wait for wake() alone; forgotten again by whoever waited.
  void nudge() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(m_wake.get(), &one, sizeof one);
  }
  void forget_nudge() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(m_wake.get(), &count, sizeof count);
    if (m_stopped) nudge();
  }
  // Readable once stop() was called.
  int wake() const { return m_wake.get(); }

  // Starts an operation and waits for its end; its error and the bytes that it moved.
  struct Moved {
    error_code error = asio::error::operation_aborted;
    std::size_t bytes = 0;
  };
  template <typename Start>
  Moved wait_for(const Start& start) {
    Moved moved;
    m_context.restart();
    if (m_stopped) return moved;
    start([&moved](error_code error, const auto&... bytes) {
      moved.error = error;
      if constexpr ((std::is_same_v<std::decay_t<decltype(bytes)>, std::size_t> || ...))
        moved.bytes = (static_cast<std::size_t>(bytes) + ...);
    });
    m_context.run();
    return moved;
  }

  void sleep(std::chrono::nanoseconds time) {
    if (time.count() <= 0) return;
    asio::steady_timer timer(m_context);
    timer.expires_after(time);
    wait_for([&](auto done) { timer.async_wait(done); });
  }

 private:
  static int made_wake() {
    const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) throw boost::system::system_error(errno, boost::system::system_category(), "eventfd");
    return fd;
  }

  asio::io_context m_context{1};
  Fd m_wake{made_wake()};
  std::atomic<bool> m_stopped = false;
};

inline asio::ip::tcp::endpoint endpoint_of(const Address& address) {
  asio::ip::tcp::endpoint endpoint;
  const std::size_t length = std::min<std::size_t>(address.length, endpoint.capacity());
  std::memcpy(endpoint.data(), &address.storage, length);
  endpoint.resize(length);
  return endpoint;
}

class Connection {
 public:
  explicit Connection(Loop& loop) : m_loop(loop), m_stream(loop.context()) {}

  bool is_open() { return m_stream.socket().is_open(); }

  // Takes an open socket over.
  error_code adopt(const asio::ip::tcp& protocol, int fd) {
    error_code error;
    m_stream.socket().assign(protocol, fd, error);
    if (!error) m_stream.socket().native_non_blocking(true, error);
    m_buffer.clear();
    return error;
  }

  error_code connect(const asio::ip::tcp::endpoint& to, std::chrono::seconds patience) {
    close();
    const asio::ip::tcp protocol = to.protocol();
    const int fd = ::socket(protocol.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return {errno, boost::system::system_category()};
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (const error_code error = adopt(protocol, fd)) {
      ::close(fd);
      return error;
    }
    m_stream.expires_after(patience);
    return m_loop.wait_for([&](auto done) { m_stream.async_connect(to, done); }).error;
  }

  template <typename Parser>
  error_code read_header(Parser& parser, std::chrono::seconds patience) {
    m_stream.expires_after(patience);
    return m_loop.wait_for([&](auto done) { http::async_read_header(m_stream, m_buffer, parser, done); })
        .error;
  }

  template <typename Parser>
  error_code read_decoded(Parser& parser, std::chrono::seconds patience) {
    m_stream.expires_after(patience);
    return m_loop.wait_for([&](auto done) { http::async_read_some(m_stream, m_buffer, parser, done); }).error;
  }

  template <bool is_request, typename Fields>
  error_code write_header(http::message<is_request, http::empty_body, Fields>& message,
                          std::chrono::seconds patience) {
    http::serializer<is_request, http::empty_body, Fields> serializer(message);
    m_stream.expires_after(patience);
    return m_loop.wait_for([&](auto done) { http::async_write_header(m_stream, serializer, done); }).error;
  }

  // At least one byte into `piece`, at most `most`: first what was read with a header.
  Loop::Moved read(std::vector<char>& piece, std::uint64_t most, std::chrono::seconds patience) {
    const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(most, piece.size()));
    if (m_buffer.size() > 0) {
      const std::size_t taken = std::min(room, m_buffer.size());
      std::copy_n(static_cast<const char*>(m_buffer.data().data()), taken, piece.begin());
      m_buffer.consume(taken);
      return {{}, taken};
    }
    m_stream.expires_after(patience);
    return m_loop.wait_for(
        [&](auto done) { m_stream.async_read_some(asio::buffer(piece.data(), room), done); });
  }

  template <typename Buffers>
  error_code write(const Buffers& buffers, std::chrono::seconds patience) {
    m_stream.expires_after(patience);
    return m_loop.wait_for([&](auto done) { asio::async_write(m_stream, buffers, done); }).error;
  }

  // The other side sees an orderly end.
  void close() {
    error_code ignored;
    m_stream.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    m_stream.socket().close(ignored);
    m_buffer.clear();
  }

  // The other side sees that the connection was torn.
  void reset() {
    error_code ignored;
    m_stream.socket().set_option(asio::socket_base::linger(true, 0), ignored);
    m_stream.socket().close(ignored);
    m_buffer.clear();
  }

  // Something has come, be it the end; false after `patience`, or once the loop was stopped or nudged before.
  bool wait_until_readable(std::chrono::seconds patience) {
    pollfd polled[2] = {{native(), POLLIN, 0}, {m_loop.wake(), POLLIN, 0}};
    const auto milliseconds = std::chrono::milliseconds(patience).count();
    while (::poll(polled, 2, static_cast<int>(milliseconds)) < 0 && errno == EINTR) {
    }
    return polled[0].revents != 0;
  }

  // The other side has closed it, or has sent what nobody asked for.
  bool is_stale() {
    char byte = 0;
    const auto got = ::recv(m_stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }

  int native() { return m_stream.socket().native_handle(); }
  bool has_unread() const { return m_buffer.size() > 0; }

 private:
  Loop& m_loop;
  beast::tcp_stream m_stream;
  beast::flat_buffer m_buffer{256U << 10U};
};

}  // namespace buildlab::network
