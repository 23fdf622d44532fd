// A relay whose requests name the server that they are for.
#include <fmt/format.h>
#include <unistd.h>
#include <memory>

#include "framework/base/redact.h"
#include "framework/network/body.h"
#include "framework/network/message.h"
#include "framework/network/origin.h"
#include "framework/network/relay.h"

namespace buildlab::network {
namespace {

constexpr std::chrono::seconds k_patience_for_origin{30};
constexpr std::size_t k_longest_url = 4096;

// The body of an origin's answer.
class OriginBody {
 public:
  static constexpr bool k_splices = false;

  OriginBody(Origin& from, ResponseParser& parser) : m_from(from), m_parser(parser) {}

  Piece next(std::vector<char>& piece, std::size_t& size) {
    return read_piece(m_from, m_parser, piece, size);
  }

 private:
  Origin& m_from;
  ResponseParser& m_parser;
};

class FetchRelay final : public Relay {
 public:
  FetchRelay(int client, Shared& shared)
      : m_shared(shared), m_client(m_loop), m_origin(m_loop), m_piece(k_piece) {
    if (m_client.adopt(asio::ip::tcp::v4(), client)) ::close(client);
  }

  void run() override {
    while (m_client.is_open() && !m_loop.stopped()) serve();
    m_origin.close();
    if (m_client.is_open()) m_client.close();
  }
  void stop() override { m_loop.stop(); }

 private:
  void serve() {
    RequestParser request;
    request.header_limit(k_longest_header);
    if (m_client.read_header(request, k_patience))
      return request.got_some() ? m_client.reset() : m_client.close();
    const http::verb method = request.get().method();
    const auto to = parse_through_target({request.get().target().data(), request.get().target().size()});
    const bool takes = method == http::verb::get || method == http::verb::head;
    if (!to || !takes || !request.is_done()) return answer(request, {400, std::nullopt}, nullptr);
    Exchange exchange;
    exchange.method = std::string(request.get().method_string());
    exchange.target.path = redact_url_credentials(to->url()).substr(0, k_longest_url);
    exchange.start = m_shared.now();
    const Disturbed disturbed = m_shared.begin({exchange.method, exchange.target, false});
    exchange.disturbed = disturbed.any();
    // Until the exchange is known to have come to its end.
    exchange.cut = true;
    m_loop.sleep(disturbed.delay);
    if (m_loop.stopped() || disturbed.reset) {
      m_client.reset();
    } else if (disturbed.answer) {
      answer(request, *disturbed.answer, &exchange);
    } else {
      pass_on(request, *to, disturbed, exchange);
    }
    exchange.end = m_shared.now();
    m_shared.end(std::move(exchange), std::nullopt);
  }

  // An answer of our own; `exchange` is nullptr for what is no request to pass on.
  void answer(const RequestParser& request, const FaultyAnswer& given, Exchange* exchange) {
    const std::string body = exchange == nullptr ? "" : "answered by a fault of the scenario\n";
    const bool keep = exchange != nullptr && request.keep_alive();
    ResponseHead head = faulty_head(given, body.size(), keep);
    head.set(http::field::content_type, "text/plain");
    if (exchange != nullptr) exchange->first_byte = m_shared.now();
    if (m_client.write_header(head, k_patience)) return m_client.reset();
    if (request.get().method() != http::verb::head && !body.empty()) {
      if (m_client.write(asio::buffer(body), k_patience)) return m_client.reset();
    }
    if (exchange != nullptr) {
      exchange->bytes_down += body.size();
      exchange->status = given.status;
      exchange->cut = false;
    }
    if (!keep) m_client.close();
  }

  void pass_on(const RequestParser& request, const ThroughTarget& to, const Disturbed& disturbed,
               Exchange& exchange) {
    RequestHead head;
    head.base() = request.get().base();
    head.version(11);
    drop_connection_fields(head);
    head.target(to.target);
    head.set(http::field::host, to.authority());
    std::optional<ResponseParser> response;
    if (!ask(head, to, response)) {
      // The step's own client is told what a proxy tells where it reaches nobody.
      m_origin.close();
      answer(request, {502, std::nullopt}, &exchange);
      return;
    }
    if (!pass_answer(request, *response, disturbed, exchange)) {
      m_client.reset();
      m_origin.close();
      return;
    }
    exchange.cut = false;
    if (!response->keep_alive() || m_origin.has_unread()) m_origin.close();
    if (!m_keep_client) m_client.close();
  }

  // Over the connection that is there, which the origin may have closed meanwhile, or a new one.
  bool ask(RequestHead& head, const ThroughTarget& to, std::optional<ResponseParser>& response) {
    if (m_origin.is_connected_to(to) && ask_once(head, response)) return true;
    if (m_loop.stopped() || m_origin.connect(to, k_patience_for_origin)) return false;
    return ask_once(head, response);
  }

  bool ask_once(RequestHead& head, std::optional<ResponseParser>& response) {
    if (m_origin.write_head(head, k_patience)) return false;
    do {
      response.emplace();
      response->header_limit(k_longest_header);
      response->body_limit(boost::none);
      if (head.method() == http::verb::head) response->skip(true);
      if (m_origin.read_header(*response, k_patience)) return false;
    } while (response->get().result_int() / 100 == 1);
    return true;
  }

  bool pass_answer(const RequestParser& request, ResponseParser& response, const Disturbed& disturbed,
                   Exchange& exchange) {
    const Framing framing = framing_of(response);
    m_keep_client = request.keep_alive() && framing != Framing::until_end;
    ResponseHead head;
    head.base() = response.get().base();
    head.version(11);
    drop_connection_fields(head);
    if (response.chunked()) head.erase(http::field::content_length);
    if (!m_keep_client) head.set(http::field::connection, "close");
    exchange.first_byte = m_shared.now();
    exchange.status = static_cast<int>(response.get().result_int());
    if (m_client.write_header(head, k_patience)) return false;
    OriginBody source(m_origin, response);
    BodySink sink(m_client, framing == Framing::chunked);
    std::optional<std::string> none;
    return pass_body(source, sink, tampering(disturbed, false, length_of(response)), m_loop, m_shared,
                     m_piece, m_splice, exchange.bytes_down, none) == Passed::whole;
  }

  Shared& m_shared;
  Loop m_loop;
  Connection m_client;
  Origin m_origin;
  std::vector<char> m_piece;
  Splice m_splice;
  bool m_keep_client = true;
};

}  // namespace

std::unique_ptr<Relay> Relay::make_for_fetches(int client, Shared& shared) {
  return std::make_unique<FetchRelay>(client, shared);
}

}  // namespace buildlab::network
