// Bytes from one socket to another without their passing through this process's memory (splice(2)). Private
// to relay.cc.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>

#include "framework/base/file.h"

namespace buildlab::network {

enum class Spliced { whole, source_lost, sink_lost, unable };

// Waits until `fd` is ready for `events`, at most `patience`; false at its end, or once `wake` is readable.
inline bool wait_until_ready(int fd, short events, int wake, std::chrono::seconds patience) {
  pollfd polled[2] = {{fd, events, 0}, {wake, POLLIN, 0}};
  const auto milliseconds = std::chrono::milliseconds(patience).count();
  int ready = 0;
  while ((ready = ::poll(polled, 2, static_cast<int>(milliseconds))) < 0 && errno == EINTR) {
  }
  return ready > 0 && polled[1].revents == 0;
}

// The kernel's store between the two sockets.
class Splice {
 public:
  // Both sockets do not block. `left` bytes in all; `bytes` counts those that were written.
  Spliced pass(int from, int to, std::uint64_t left, int wake, std::chrono::seconds patience,
               std::uint64_t& bytes) {
    if (!open()) return Spliced::unable;
    while (left > 0 || m_inside > 0) {
      if (m_inside == 0) {
        const ssize_t got =
            ::splice(from, nullptr, m_in.get(), nullptr,
                     static_cast<std::size_t>(std::min<std::uint64_t>(left, k_most)), k_flags);
        if (got == 0) return Spliced::source_lost;
        if (got < 0) {
          if (errno == EINVAL && bytes == 0) return Spliced::unable;
          if (!again() || !wait_until_ready(from, POLLIN, wake, patience)) return Spliced::source_lost;
          continue;
        }
        m_inside = static_cast<std::size_t>(got);
        left -= m_inside;
      }
      const ssize_t sent = ::splice(m_out.get(), nullptr, to, nullptr, m_inside, k_flags);
      if (sent <= 0) {
        if (sent == 0 || !again() || !wait_until_ready(to, POLLOUT, wake, patience)) return drop();
        continue;
      }
      m_inside -= static_cast<std::size_t>(sent);
      bytes += static_cast<std::uint64_t>(sent);
    }
    return Spliced::whole;
  }

 private:
  static constexpr std::size_t k_most = 1U << 20U;
  static constexpr unsigned k_flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;

  static bool again() { return errno == EAGAIN || errno == EINTR; }

  bool open() {
    if (m_in.valid()) return true;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return false;
    m_out = Fd(ends[0]);
    m_in = Fd(ends[1]);
    // Where the user's share of such memory is spent the pipe stays as small as it was made.
    ::fcntl(m_in.get(), F_SETPIPE_SZ, static_cast<int>(k_most));
    return true;
  }

  // What lies in the pipe has no reader any more.
  Spliced drop() {
    m_in = Fd();
    m_out = Fd();
    m_inside = 0;
    return Spliced::sink_lost;
  }

  Fd m_in;
  Fd m_out;
  std::size_t m_inside = 0;
};

}  // namespace buildlab::network
