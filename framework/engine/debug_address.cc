#include "framework/engine/debug_address.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <array>
#include <cerrno>
#include <cstring>

#include "framework/base/text.h"

namespace buildlab::engine {
namespace {

constexpr std::size_t k_head_limit = 16384;

tl::unexpected<Error> no_answer(const DebugQuestion& question, std::string_view why) {
  return fail(ErrorKind::infrastructure,
              fmt::format("asking the daemon's debug address for {}: {}", question.path, why));
}

// False when the time is over.
bool wait_for(const Fd& fd, short events, SteadyClock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
  pollfd polled{fd.get(), events, 0};
  return left > 0 && ::poll(&polled, 1, static_cast<int>(left)) > 0;
}

}  // namespace

Fd connect_local(const std::filesystem::path& socket) {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!fd.valid() || socket.native().size() >= sizeof address.sun_path) return Fd();
  std::memcpy(address.sun_path, socket.c_str(), socket.native().size() + 1);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return Fd();
  return fd;
}

Result<std::string> body_of(std::string_view answer) {
  constexpr std::string_view k_end_of_head = "\r\n\r\n";
  const std::size_t end = answer.find(k_end_of_head);
  const std::string_view status = answer.substr(0, answer.find("\r\n"));
  if (end == std::string_view::npos || !status.starts_with("HTTP/1."))
    return fail(ErrorKind::infrastructure, "the answer is not HTTP");
  if (status.size() < 12 || status.substr(8, 4) != " 200") {
    return fail(ErrorKind::infrastructure, fmt::format("the answer is \"{}\": {}", one_line(status, 80),
                                                       one_line(answer.substr(end), 200)));
  }
  return std::string(answer.substr(end + k_end_of_head.size()));
}

// HTTP 1.0, so that the body is what comes until the connection ends, without chunks.
Result<std::string> ask_debug_address(const DebugQuestion& question) {
  const auto deadline = SteadyClock::now() + question.at_most;
  const Fd fd = connect_local(question.socket);
  if (!fd.valid()) return no_answer(question, "nobody listens");
  const std::string request =
      fmt::format("GET {} HTTP/1.0\r\nAccept: application/json\r\n\r\n", question.path);
  if (::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return no_answer(question, std::strerror(errno));
  std::string answer;
  std::array<char, 65536> piece{};
  for (;;) {
    if (!wait_for(fd, POLLIN, deadline)) return no_answer(question, "no whole answer in time");
    const ssize_t got = ::recv(fd.get(), piece.data(), piece.size(), 0);
    if (got == 0) break;
    if (got < 0) return no_answer(question, std::strerror(errno));
    answer.append(piece.data(), static_cast<std::size_t>(got));
    if (answer.size() > question.limit + k_head_limit)
      return no_answer(question, fmt::format("it is longer than {} bytes", question.limit));
  }
  auto body = body_of(answer);
  if (!body) return no_answer(question, body.error().message);
  return body;
}

}  // namespace buildlab::engine
