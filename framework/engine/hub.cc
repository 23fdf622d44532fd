#include "framework/engine/hub.h"

#include <fmt/format.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <algorithm>
#include <cerrno>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "framework/base/base64.h"
#include "framework/base/environment.h"
#include "framework/base/file.h"
#include "framework/base/percent.h"
#include "framework/base/text.h"
#include "framework/engine/base_image.h"

namespace buildlab::engine {
namespace {

using namespace std::chrono_literals;

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
  int family = 0;
};

// getaddrinfo has no limit of its own, so it runs in a thread that may be left behind; what it touches is
// shared.
std::vector<Address> look_up(const Endpoint& endpoint, Nanoseconds limit) {
  auto promise = std::make_shared<std::promise<std::vector<Address>>>();
  std::future<std::vector<Address>> answer = promise->get_future();
  std::thread([promise, endpoint] {
    std::vector<Address> addresses;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(), &hints, &found) == 0) {
      for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        Address address;
        std::copy_n(reinterpret_cast<const char*>(entry->ai_addr), entry->ai_addrlen,
                    reinterpret_cast<char*>(&address.storage));
        address.length = entry->ai_addrlen;
        address.family = entry->ai_family;
        addresses.push_back(address);
      }
      ::freeaddrinfo(found);
    }
    promise->set_value(std::move(addresses));
  }).detach();
  if (answer.wait_for(limit) != std::future_status::ready) return {};
  return answer.get();
}

// A connection whose every step waits at most until one deadline.
class Connection {
 public:
  explicit Connection(SteadyClock::time_point deadline) : m_deadline(deadline) {}

  bool open(const std::vector<Address>& addresses) {
    for (const Address& address : addresses) {
      m_fd = Fd(::socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
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
  bool tunnel(const Endpoint& server, const std::string& credentials) const {
    std::string request = fmt::format("CONNECT {}:{} HTTP/1.1\r\nHost: {}:{}\r\n", server.host, server.port,
                                      server.host, server.port);
    if (!credentials.empty()) {
      request += fmt::format("Proxy-Authorization: Basic {}\r\n", base64_encode(credentials));
    }
    request += "\r\n";
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

std::string either(const char* name, const char* otherwise) {
  std::string value = environment(name);
  return value.empty() ? environment(otherwise) : value;
}

// As the builder's own HTTP client chooses it.
std::optional<Endpoint> proxy_for(const std::string& host) {
  const std::string proxy = either("HTTPS_PROXY", "https_proxy");
  if (proxy.empty() || bypasses_proxy(host, either("NO_PROXY", "no_proxy"))) return std::nullopt;
  return parse_endpoint(proxy, proxy.starts_with("https:") ? "443" : "80");
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text, const std::string& default_port) {
  if (const std::size_t mark = text.find("://"); mark != std::string_view::npos) text.remove_prefix(mark + 3);
  text = text.substr(0, text.find_first_of("/?#"));
  Endpoint endpoint{.host = {}, .port = default_port};
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    endpoint.credentials = percent_decoded(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    endpoint.host = std::string(text.substr(1, bracket - 1));
    rest = text.substr(bracket + 1);
  } else {
    const std::size_t colon = text.find(':');
    endpoint.host = std::string(text.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
  }
  if (!rest.empty()) {
    if (rest.front() != ':' || rest.size() < 2 || rest.size() > 6) return std::nullopt;
    endpoint.port = std::string(rest.substr(1));
  }
  const bool number =
      std::all_of(endpoint.port.begin(), endpoint.port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (endpoint.host.empty() || !number) return std::nullopt;
  return endpoint;
}

bool bypasses_proxy(std::string_view host, std::string_view no_proxy) {
  for (std::string_view entry : split(no_proxy, ',')) {
    entry = trim(entry);
    if (entry == "*") return true;
    while (entry.starts_with('.')) entry.remove_prefix(1);
    if (entry.empty() || !host.ends_with(entry)) continue;
    if (host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.') return true;
  }
  return false;
}

bool answers_https(const Endpoint& server, const std::optional<Endpoint>& proxy, Nanoseconds limit) {
  const auto deadline = SteadyClock::now() + limit;
  const std::vector<Address> addresses = look_up(proxy.value_or(server), limit);
  Connection connection(deadline);
  if (addresses.empty() || !connection.open(addresses)) return false;
  if (proxy && !connection.tunnel(server, proxy->credentials)) return false;
  return connection.gets_http_answer(server);
}

bool docker_hub_answers() {
  const std::string probe = environment("BUILDLAB_HUB_PROBE");
  const auto server = parse_endpoint(probe.empty() ? "registry-1.docker.io:443" : probe, "443");
  return server && answers_https(*server, probe.empty() ? proxy_for(server->host) : std::nullopt, 3s);
}

}  // namespace buildlab::engine
