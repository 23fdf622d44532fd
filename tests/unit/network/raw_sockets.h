// A server and a client of plain sockets on loopback, so that tests see the bytes themselves.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "framework/base/file.h"

namespace buildlab::testing {

// What came over a connection: the head with its empty line, and the body as it was framed.
struct RawMessage {
  std::string head;
  std::string body;  // decoded where it was chunked
  bool complete = false;

  std::string first_line() const { return head.substr(0, head.find("\r\n")); }
  // The field's value; "" where there is none.
  std::string field(std::string_view name) const;
};

// One message; `no_body` for an answer to HEAD.
RawMessage read_message(int fd, std::string& rest, bool no_body);
bool write_all(int fd, std::string_view bytes);

// What the server does with a request: writes these bytes, then may close.
struct RawAnswer {
  std::string bytes;
  bool closes = false;
};

class RawServer {
 public:
  explicit RawServer(std::function<RawAnswer(const RawMessage&)> answer);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  RawServer(RawServer&&) = delete;
  RawServer& operator=(RawServer&&) = delete;

  std::uint16_t port() const { return m_port; }
  std::vector<RawMessage> requests() const;
  int connections() const { return m_connections; }
  // Returns when the server has closed all that it accepted.
  void wait_until_closed() const;

 private:
  void serve(int fd);

  std::function<RawAnswer(const RawMessage&)> m_answer;
  Fd m_listening;
  std::uint16_t m_port = 0;
  std::atomic<int> m_connections = 0;
  mutable std::mutex m_mutex;
  std::vector<RawMessage> m_requests;
  std::vector<int> m_open;
  std::vector<std::thread> m_serving;
  std::thread m_accepting;
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  // The next answer; not complete where the connection ended first.
  RawMessage ask(std::string_view request, bool no_body = false);
  void send(std::string_view bytes) { write_all(m_fd.get(), bytes); }
  RawMessage read(bool no_body = false) { return read_message(m_fd.get(), m_rest, no_body); }
  // Whether the other side ended the connection; waits for it.
  bool sees_the_end();

 private:
  Fd m_fd;
  std::string m_rest;
};

std::uint16_t port_of(const std::string& endpoint);
// "HTTP/1.1 200 OK" with these fields, each with its line end, and the body with its length.
std::string ok(std::string_view body, std::string_view fields = "");

}  // namespace buildlab::testing
