#include "framework/engine/hub.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <cerrno>
#include <memory>
#include <vector>

#include "framework/base/environment.h"
#include "framework/base/file.h"
#include "framework/base/look_up.h"
#include "framework/engine/base_image.h"

namespace buildlab::engine {
namespace {

using namespace std::chrono_literals;

// A connection whose every step waits at most until one deadline.
class Connection {
 public:
  explicit Connection(SteadyClock::time_point deadline) : m_deadline(deadline) {}

  bool open(const std::vector<Address>& addresses) {
    for (const Address& address : addresses) {
      m_fd = Fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      if (!m_fd.valid()) continue;
      const int result =
          ::connect(m_fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length);
      if (result == 0) return true;
      if (errno != EINPROGRESS || !wait_for(POLLOUT)) continue;
      int code = 0;
      socklen_t size = sizeof code;
      if (::getsockopt(m_fd.get(), SOL_SOCKET, SO_ERROR, &code, &size) == 0 && code == 0) return true;
    }
    return false;
  }

  bool wait_for(short events) const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(m_deadline - SteadyClock::now()).count();
    if (left <= 0) return false;
    pollfd polled{m_fd.get(), events, 0};
    return ::poll(&polled, 1, static_cast<int>(left)) > 0;
  }

  // What the proxy says to "CONNECT host:port".
  bool tunnel(const Endpoint& server, const Endpoint& proxy) const {
    const std::string request = connect_request(server, proxy);
    if (::send(m_fd.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
      return false;
    }
    std::string answer;
    while (answer.find("\r\n\r\n") == std::string::npos && answer.size() < 16384) {
      char byte = 0;  // one at a time, so that nothing of the tunnel is taken
      const ssize_t got = ::recv(m_fd.get(), &byte, 1, 0);
      if (got == 1) {
        answer += byte;
      } else if (got == 0 || (errno != EAGAIN && errno != EINTR) || !wait_for(POLLIN)) {
        return false;
      }
    }
    return answer.size() > 12 && answer.starts_with("HTTP/1.") && answer.substr(9, 3) == "200";
  }

  bool gets_http_answer(const Endpoint& server) const {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                    SSL_CTX_free);
    if (!context) return false;
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.get()), SSL_free);
    if (!tls || SSL_set_fd(tls.get(), m_fd.get()) != 1) return false;
    SSL_set_tlsext_host_name(tls.get(), server.host.c_str());
    if (!until_done(*tls, [&] { return SSL_connect(tls.get()); })) return false;
    const std::string request =
        fmt::format("GET /v2/ HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.host);
    if (!until_done(*tls,
                    [&] { return SSL_write(tls.get(), request.data(), static_cast<int>(request.size())); })) {
      return false;
    }
    std::string answer(5, '\0');
    if (!until_done(*tls,
                    [&] { return SSL_read(tls.get(), answer.data(), static_cast<int>(answer.size())); })) {
      return false;
    }
    return answer == "HTTP/";
  }

 private:
  template <class Step>
  bool until_done(const SSL& tls, Step step) const {
    while (true) {
      const int result = step();
      if (result > 0) return true;
      const int reason = SSL_get_error(&tls, result);
      const bool again = reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE;
      if (!again || !wait_for(reason == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT)) return false;
    }
  }

  SteadyClock::time_point m_deadline;
  Fd m_fd;
};

}  // namespace

bool answers_https(const Endpoint& server, const std::optional<Endpoint>& proxy, Nanoseconds limit) {
  const auto deadline = SteadyClock::now() + limit;
  const std::vector<Address> addresses =
      look_up(proxy.value_or(server).host, proxy.value_or(server).port, limit);
  Connection connection(deadline);
  if (addresses.empty() || !connection.open(addresses)) return false;
  if (proxy && !connection.tunnel(server, *proxy)) return false;
  return connection.gets_http_answer(server);
}

bool docker_hub_answers() {
  const std::string probe = environment("BUILDLAB_HUB_PROBE");
  const auto server = parse_endpoint(probe.empty() ? "registry-1.docker.io:443" : probe, "443");
  if (!server) return false;
  if (!probe.empty()) return answers_https(*server, std::nullopt, 3s);
  const auto proxy = proxy_for(true, server->host, server->port);
  // BuildKit's own client knows proxies that are not known here: what it meets is for it to tell.
  return !proxy || answers_https(*server, *proxy, 3s);
}

}  // namespace buildlab::engine
