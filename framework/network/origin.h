// The connection to a server that RUN steps fetch from, plain or with TLS, kept for the next request to the
// same one. Private to fetch_relay.cc.
#pragma once

#include <boost/asio/ssl.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl.hpp>
#include <optional>
#include <string>

#include "framework/base/through_url.h"
#include "framework/base/web_proxy.h"
#include "framework/network/connection.h"
#include "framework/network/message.h"

namespace buildlab::network {

// With the system's authorities (SSL_CERT_FILE and SSL_CERT_DIR replace them), read once.
inline asio::ssl::context& authorities() {
  static asio::ssl::context* context = [] {
    auto* made = new asio::ssl::context(asio::ssl::context::tls_client);
    error_code ignored;
    made->set_default_verify_paths(ignored);
    return made;
  }();
  return *context;
}

class Origin {
 public:
  using Secure = beast::ssl_stream<beast::tcp_stream>;

  explicit Origin(Loop& loop) : m_loop(loop) {}

  bool is_connected_to(const ThroughTarget& to) const {
    return (m_plain || m_secure) && m_server && m_server->same_server(to);
  }

  // To the server itself, or to the proxy that leads there.
  error_code connect(const ThroughTarget& to, const std::optional<Endpoint>& proxy,
                     std::chrono::seconds patience) {
    close();
    const Endpoint first = proxy.value_or(Endpoint{to.host, to.port});
    error_code error = asio::error::host_unreachable;
    for (const Address& address : look_up(first.host, first.port, patience, m_loop.wake())) {
      if (m_loop.stopped()) return asio::error::operation_aborted;
      error = connect_one(endpoint_of(address), to, proxy, patience);
      if (!error) break;
      close();
    }
    if (!error) m_server = to;
    return error;
  }

  template <typename Head>
  error_code write_head(http::message<true, http::empty_body, Head>& message, std::chrono::seconds patience) {
    http::serializer<true, http::empty_body, Head> serializer(message);
    return with_stream(patience,
                       [&](auto& stream, auto done) { http::async_write_header(stream, serializer, done); })
        .error;
  }

  template <typename Parser>
  error_code read_header(Parser& parser, std::chrono::seconds patience) {
    return with_stream(patience, [&](auto& stream,
                                     auto done) { http::async_read_header(stream, m_buffer, parser, done); })
        .error;
  }

  template <typename Parser>
  error_code read_decoded(Parser& parser, std::chrono::seconds patience) {
    return with_stream(patience, [&](auto& stream,
                                     auto done) { http::async_read_some(stream, m_buffer, parser, done); })
        .error;
  }

  bool has_unread() const { return m_buffer.size() > 0; }

  void close() {
    m_secure.reset();
    m_plain.reset();
    m_server.reset();
    m_buffer.clear();
  }

 private:
  error_code connect_one(const asio::ip::tcp::endpoint& endpoint, const ThroughTarget& to,
                         const std::optional<Endpoint>& proxy, std::chrono::seconds patience) {
    beast::tcp_stream stream(m_loop.context());
    stream.expires_after(patience);
    error_code error = m_loop.wait_for([&](auto done) { stream.async_connect(endpoint, done); }).error;
    if (error) return error;
    if (!to.tls) {
      m_plain.emplace(std::move(stream));
      return {};
    }
    if (proxy) error = tunnel(stream, connect_request({to.host, to.port}, *proxy), patience);
    if (error) return error;
    m_secure.emplace(std::move(stream), authorities());
    m_secure->set_verify_mode(asio::ssl::verify_peer);
    m_secure->set_verify_callback(asio::ssl::host_name_verification(to.host));
    if (SSL_set_tlsext_host_name(m_secure->native_handle(), to.host.c_str()) != 1)
      return asio::error::invalid_argument;
    beast::get_lowest_layer(*m_secure).expires_after(patience);
    return m_loop
        .wait_for([&](auto done) { m_secure->async_handshake(asio::ssl::stream_base::client, done); })
        .error;
  }

  // What the proxy says to a request for a way to the server.
  error_code tunnel(beast::tcp_stream& stream, const std::string& request, std::chrono::seconds patience) {
    stream.expires_after(patience);
    const asio::const_buffer bytes = asio::buffer(request);
    error_code error = m_loop.wait_for([&](auto done) { asio::async_write(stream, bytes, done); }).error;
    http::response_parser<http::empty_body> answer;
    answer.skip(true);
    beast::flat_buffer buffer{k_longest_header};
    if (!error) {
      error =
          m_loop.wait_for([&](auto done) { http::async_read_header(stream, buffer, answer, done); }).error;
    }
    if (!error && answer.get().result_int() / 100 != 2) error = asio::error::connection_refused;
    return error;
  }

  template <typename Start>
  Loop::Moved with_stream(std::chrono::seconds patience, const Start& start) {
    if (m_secure) {
      beast::get_lowest_layer(*m_secure).expires_after(patience);
      return m_loop.wait_for([&](auto done) { start(*m_secure, done); });
    }
    if (!m_plain) return {};
    m_plain->expires_after(patience);
    return m_loop.wait_for([&](auto done) { start(*m_plain, done); });
  }

  Loop& m_loop;
  std::optional<ThroughTarget> m_server;
  std::optional<beast::tcp_stream> m_plain;
  std::optional<Secure> m_secure;
  beast::flat_buffer m_buffer{256U << 10U};
};

}  // namespace buildlab::network
