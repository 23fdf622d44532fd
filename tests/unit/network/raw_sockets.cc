#include "tests/unit/network/raw_sockets.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>

#include "framework/base/text.h"

namespace buildlab::testing {
namespace {

sockaddr_in on_loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// False at the end of the connection.
bool read_more(int fd, std::string& rest) {
  char piece[65536];
  const ssize_t got = ::recv(fd, piece, sizeof piece, 0);
  if (got <= 0) return false;
  rest.append(piece, static_cast<std::size_t>(got));
  return true;
}

bool read_exactly(int fd, std::string& rest, std::size_t count, std::string& into) {
  while (rest.size() < count) {
    if (!read_more(fd, rest)) {
      into += rest;
      rest.clear();
      return false;
    }
  }
  into.append(rest, 0, count);
  rest.erase(0, count);
  return true;
}

bool read_chunks(int fd, std::string& rest, std::string& into) {
  while (true) {
    std::size_t end = 0;
    while ((end = rest.find("\r\n")) == std::string::npos) {
      if (!read_more(fd, rest)) return false;
    }
    const std::size_t size = std::stoul(rest.substr(0, end), nullptr, 16);
    rest.erase(0, end + 2);
    std::string chunk;
    if (!read_exactly(fd, rest, size + 2, chunk)) return false;
    if (size == 0) return true;
    into.append(chunk, 0, size);
  }
}

}  // namespace

std::string RawMessage::field(std::string_view name) const {
  for (const std::string_view line : split(head, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && to_lower(line.substr(0, colon)) == to_lower(name))
      return std::string(trim(line.substr(colon + 1)));
  }
  return "";
}

RawMessage read_message(int fd, std::string& rest, bool no_body) {
  RawMessage message;
  std::size_t end = 0;
  while ((end = rest.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more(fd, rest)) return message;
  }
  message.head = rest.substr(0, end + 4);
  rest.erase(0, end + 4);
  const std::string length = message.field("content-length");
  if (no_body) {
    message.complete = true;
  } else if (message.field("transfer-encoding") == "chunked") {
    message.complete = read_chunks(fd, rest, message.body);
  } else {
    message.complete = read_exactly(fd, rest, length.empty() ? 0 : std::stoul(length), message.body);
  }
  return message;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

RawServer::RawServer(std::function<RawAnswer(const RawMessage&)> answer) : m_answer(std::move(answer)) {
  m_listening = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = on_loopback(0);
  socklen_t size = sizeof address;
  if (::bind(m_listening.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(m_listening.get(), 64) != 0 ||
      ::getsockname(m_listening.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return;
  }
  m_port = ntohs(address.sin_port);
  m_accepting = std::thread([this] {
    while (true) {
      const int fd = ::accept4(m_listening.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      ++m_connections;
      const std::lock_guard lock(m_mutex);
      m_open.push_back(fd);
      m_serving.emplace_back([this, fd] { serve(fd); });
    }
  });
}

RawServer::~RawServer() {
  ::shutdown(m_listening.get(), SHUT_RDWR);
  if (m_accepting.joinable()) m_accepting.join();
  {
    const std::lock_guard lock(m_mutex);
    for (const int fd : m_open) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : m_serving) thread.join();
}

std::vector<RawMessage> RawServer::requests() const {
  const std::lock_guard lock(m_mutex);
  return m_requests;
}

void RawServer::wait_until_closed() const {
  while (true) {
    {
      const std::lock_guard lock(m_mutex);
      if (m_open.empty()) return;
    }
    std::this_thread::yield();
  }
}

void RawServer::serve(int fd) {
  std::string rest;
  while (true) {
    const RawMessage request = read_message(fd, rest, false);
    if (!request.head.empty()) {
      const std::lock_guard lock(m_mutex);
      m_requests.push_back(request);
    }
    if (!request.complete) break;
    const RawAnswer answer = m_answer(request);
    if (!write_all(fd, answer.bytes) || answer.closes) break;
  }
  const std::lock_guard lock(m_mutex);
  ::close(fd);
  std::erase(m_open, fd);
}

RawClient::RawClient(std::uint16_t port) : m_fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_in address = on_loopback(port);
  if (::connect(m_fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) m_fd = Fd();
}

RawMessage RawClient::ask(std::string_view request, bool no_body) {
  send(request);
  return read(no_body);
}

bool RawClient::sees_the_end() {
  std::string rest;
  pollfd polled{m_fd.get(), POLLIN, 0};
  if (::poll(&polled, 1, 10000) <= 0) return false;
  return !read_more(m_fd.get(), rest);
}

std::uint16_t port_of(const std::string& endpoint) {
  return static_cast<std::uint16_t>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1)));
}

std::string ok(std::string_view body, std::string_view fields) {
  return fmt::format("HTTP/1.1 200 OK\r\n{}Content-Length: {}\r\n\r\n{}", fields, body.size(), body);
}

}  // namespace buildlab::testing
