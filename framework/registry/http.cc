#include "framework/registry/http.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <cctype>
#include <chrono>

#include "framework/base/text.h"
#include "framework/base/web_proxy.h"

namespace buildlab::registry {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::chrono::seconds k_patience{30};
constexpr std::size_t k_kept_body = 4096;  // of answers that are errors

tl::unexpected<Error> problem(const Url& url, std::string_view what, std::string_view cause) {
  return fail(ErrorKind::infrastructure, fmt::format("{}: {}: {}", url.text(), what, cause),
              {"is the registry running and reachable from here?"});
}

std::string lower(std::string_view text) {
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

// One connection and what is asked over it. Each step runs the loop until it ends; the stream's own timer
// ends those that take too long.
class Exchange {
 public:
  Exchange(const Url& url, const Headers& headers, const Sink& sink)
      : m_url(url), m_sink(sink), m_stream(m_loop) {
    m_request.method(http::verb::get);
    m_request.version(11);
    m_request.target(url.target);
    m_request.set(http::field::host,
                  url.port == (url.tls ? "443" : "80") ? url.host : url.host + ":" + url.port);
    m_request.set(http::field::user_agent, "build-lab");
    m_request.set(http::field::connection, "close");
    for (const auto& [name, value] : headers) m_request.set(name, value);
  }

  Result<Answer> run() {
    std::optional<Endpoint> proxy;
    if (m_url.tls) {
      BUILDLAB_ASSIGN(proxy, proxy_for(true, m_url.host, m_url.port));
    }
    BUILDLAB_TRY(proxy ? connect(proxy->host, proxy->port) : connect(m_url.host, m_url.port));
    if (proxy) BUILDLAB_TRY(tunnel(*proxy));
    if (!m_url.tls) return converse(m_stream);
    asio::ssl::context context(asio::ssl::context::tls_client);
    error_code error;
    context.set_default_verify_paths(error);
    beast::ssl_stream<beast::tcp_stream&> secure(m_stream, context);
    secure.set_verify_mode(asio::ssl::verify_peer);
    secure.set_verify_callback(asio::ssl::host_name_verification(m_url.host));
    if (SSL_set_tlsext_host_name(secure.native_handle(), m_url.host.c_str()) != 1) {
      return problem(m_url, "setting up TLS", "the host's name is refused");
    }
    error = step([&](auto done) { secure.async_handshake(asio::ssl::stream_base::client, done); });
    if (error) return problem(m_url, "setting up TLS", error.message());
    return converse(secure);
  }

 private:
  // Starts an operation, waits for its end, gives its error.
  template <typename Start>
  error_code step(const Start& start) {
    m_stream.expires_after(k_patience);
    error_code result = asio::error::timed_out;
    start([&result](error_code error, auto&&...) { result = error; });
    m_loop.restart();
    m_loop.run();
    return result;
  }

  Status connect(const std::string& host, const std::string& port) {
    asio::ip::tcp::resolver resolver(m_loop);
    error_code error;
    const auto addresses = resolver.resolve(host, port, error);
    if (error) return problem(m_url, fmt::format("looking up {}", host), error.message());
    error = step([&](auto done) { m_stream.async_connect(addresses, done); });
    if (error) return problem(m_url, fmt::format("connecting to {}:{}", host, port), error.message());
    return {};
  }

  Status tunnel(const Endpoint& proxy) {
    const std::string request = connect_request({m_url.host, m_url.port}, proxy);
    error_code error = step([&](auto done) { asio::async_write(m_stream, asio::buffer(request), done); });
    http::response_parser<http::empty_body> parser;
    parser.skip(true);
    beast::flat_buffer buffer;
    if (!error) error = step([&](auto done) { http::async_read_header(m_stream, buffer, parser, done); });
    if (error) return problem(m_url, "asking the proxy", error.message());
    if (parser.get().result_int() != 200) {
      return problem(m_url, "asking the proxy", fmt::format("it answers {}", parser.get().result_int()));
    }
    return {};
  }

  template <typename Stream>
  Result<Answer> converse(Stream& stream) {
    error_code error = step([&](auto done) { http::async_write(stream, m_request, done); });
    if (error) return problem(m_url, "asking", error.message());
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(boost::none);
    beast::flat_buffer buffer(64U << 10U);
    error = step([&](auto done) { http::async_read_header(stream, buffer, parser, done); });
    if (error) return problem(m_url, "reading the answer", error.message());
    Answer answer;
    answer.status = parser.get().result_int();
    for (const auto& field : parser.get()) {
      answer.fields[lower(field.name_string())] = std::string(field.value());
    }
    std::vector<char> piece(256U << 10U);
    while (!parser.is_done()) {
      parser.get().body().data = piece.data();
      parser.get().body().size = piece.size();
      parser.get().body().more = true;
      error = step([&](auto done) { http::async_read(stream, buffer, parser, done); });
      if (error == http::error::need_buffer) error = {};
      if (error) return problem(m_url, "reading the answer", error.message());
      const std::string_view got(piece.data(), piece.size() - parser.get().body().size);
      if (answer.status == 200) {
        BUILDLAB_TRY(m_sink(got));
      } else if (answer.body.size() < k_kept_body) {
        answer.body.append(got.substr(0, k_kept_body - answer.body.size()));
      } else {
        break;
      }
    }
    return answer;
  }

  const Url& m_url;
  const Sink& m_sink;
  asio::io_context m_loop;
  beast::tcp_stream m_stream;
  http::request<http::empty_body> m_request;
};

}  // namespace

std::string Url::text() const {
  const bool usual = port == (tls ? "443" : "80");
  return fmt::format("{}://{}{}{}", tls ? "https" : "http", host, usual ? "" : ":" + port,
                     one_line(target.substr(0, target.find('?')), 200));
}

std::optional<Url> parse_url(std::string_view text) {
  Url url;
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    url.tls = false;
    text.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  const std::size_t path = text.find_first_of("/?#");
  const auto endpoint = parse_endpoint(text.substr(0, path), url.tls ? "443" : "80");
  if (!endpoint) return std::nullopt;
  url.host = endpoint->host;
  url.port = endpoint->port;
  url.target = path == std::string_view::npos ? "/" : text.substr(path);
  if (const std::size_t mark = url.target.find('#'); mark != std::string::npos) url.target.resize(mark);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  // What would end the request's line.
  const bool clean =
      std::all_of(url.target.begin(), url.target.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
  return clean ? std::optional(url) : std::nullopt;
}

std::optional<Url> parse_location(const Url& from, std::string_view location) {
  if (location.find("://") != std::string_view::npos) return parse_url(location);
  if (!location.starts_with('/') || location.starts_with("//")) return std::nullopt;
  Url url = from;
  url.target = "/";
  const std::string whole = fmt::format("{}://h{}", from.tls ? "https" : "http", location);
  const auto parsed = parse_url(whole);
  if (!parsed) return std::nullopt;
  url.target = parsed->target;
  return url;
}

Result<Answer> get(const Url& url, const Headers& headers, const Sink& sink) {
  return Exchange(url, headers, sink).run();
}

}  // namespace buildlab::registry
