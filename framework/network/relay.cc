#include <fmt/format.h>
#include <memory>

#include "framework/network/serving_relay.h"

namespace buildlab::network {
namespace {

constexpr std::chrono::seconds k_patience_for_connect{30};

std::string host_of(const Upstream& upstream) {
  return upstream.port == 80 ? upstream.host : upstream.text();
}

// What the distribution protocol says for each status that faults give.
std::string error_body(int status) {
  std::string_view code = "UNKNOWN";
  if (status == 401) code = "UNAUTHORIZED";
  if (status == 404) code = "BLOB_UNKNOWN";
  if (status == 429) code = "TOOMANYREQUESTS";
  if (status >= 500) code = "UNAVAILABLE";
  return fmt::format(R"({{"errors":[{{"code":"{}","message":"answered by a fault of the scenario"}}]}})",
                     code);
}

class OneRelay final : public ServingRelay {
 public:
  OneRelay(int client, Shared& shared) : ServingRelay(client, shared), m_upstream(m_loop) {}

 private:
  void close_other_side() override { m_upstream.close(); }

  void serve(RequestParser& request) override {
    const std::string_view target(request.get().target().data(), request.get().target().size());
    if (!target.starts_with('/')) return refuse();
    Exchange exchange;
    exchange.method = std::string(request.get().method_string());
    exchange.target = parse_target(target);
    exchange.start = m_shared.now();
    const bool has_body = framing_of(request) != Framing::none && request.content_length().value_or(1) > 0;
    UnderWay under_way(m_shared, std::move(exchange), has_body);
    const Disturbed& disturbed = under_way.disturbed();
    m_loop.sleep(disturbed.delay);
    if (m_loop.stopped() || disturbed.reset) {
      m_client.reset();
    } else if (disturbed.answer) {
      answer(request, *disturbed.answer, under_way.exchange);
    } else {
      pass_on(request, disturbed, under_way.exchange, under_way.manifest);
    }
  }

  // No request that a proxy of this kind takes.
  void refuse() {
    ResponseHead head(http::status::bad_request, 11);
    head.set(http::field::content_length, "0");
    head.set(http::field::connection, "close");
    m_client.write_header(head, k_patience);
    m_client.close();
  }

  // An answer of our own. The request's body is read first: the client may not look at the answer before.
  void answer(RequestParser& request, const FaultyAnswer& given, Exchange& exchange) {
    if (!invite_body(request)) return m_client.reset();
    BodySource<RequestParser> source(m_client, request);
    std::size_t size = 0;
    Piece got = Piece::some;
    while ((got = source.next(m_piece, size)) == Piece::some) exchange.bytes_up += size;
    if (got == Piece::lost) return m_client.reset();
    const std::string body = error_body(given.status);
    const bool keep = keeps(request);
    ResponseHead head = faulty_head(given, body.size(), keep);
    head.set(http::field::content_type, "application/json");
    exchange.first_byte = m_shared.now();
    if (m_client.write_header(head, k_patience)) return m_client.reset();
    if (request.get().method() != http::verb::head) {
      if (m_client.write(asio::buffer(body), k_patience)) return m_client.reset();
      exchange.bytes_down += body.size();
    }
    exchange.status = given.status;
    exchange.cut = false;
    if (!keep) m_client.close();
  }

  // Whoever expects to be told to send its body is told so; false when that could not be written.
  bool invite_body(const RequestParser& request) {
    if (request.get().find(http::field::expect) == request.get().end()) return true;
    ResponseHead head(http::status::continue_, 11);
    return !m_client.write_header(head, k_patience);
  }

  void pass_on(RequestParser& request, const Disturbed& disturbed, Exchange& exchange,
               std::optional<std::string>& manifest) {
    if (!invite_body(request)) return m_client.reset();
    RequestHead head;
    head.base() = request.get().base();
    head.version(11);
    drop_connection_fields(head);
    if (request.chunked()) head.erase(http::field::content_length);
    head.set(http::field::host, host_of(m_shared.upstream()));
    const bool has_body = framing_of(request) != Framing::none;
    ResponseParser response;
    if (!send_head(head, has_body, response)) return lose_both();
    const bool is_manifest = exchange.target.path_class == PathClass::manifest;
    std::optional<std::string> copy;
    if (has_body) {
      if (is_manifest) copy.emplace();
      BodySource<RequestParser> source(m_client, request);
      BodySink sink(m_upstream, request.chunked());
      const Passed passed = pass_body(source, sink, tampering(disturbed, true, length_of(request)), m_loop,
                                      m_shared, m_piece, m_splice, exchange.bytes_up, copy);
      if (passed == Passed::source_lost || passed == Passed::cut) return lose_both();
      // An upstream that stops reading may have answered before.
      if (!read_answer_head(request, response)) return lose_both();
      if (passed == Passed::sink_lost) m_keep_client = false;
    } else if ((!response.is_header_done() || response.get().result_int() / 100 == 1) &&
               !read_answer_head(request, response)) {
      return lose_both();
    }
    if (!pass_answer(request, response, disturbed, exchange, copy)) return lose_both();
    if (is_manifest && exchange.status && *exchange.status / 100 == 2) manifest = std::move(copy);
    exchange.cut = false;
    if (!response.keep_alive() || m_upstream.has_unread()) m_upstream.close();
    if (!m_keep_client) m_client.close();
  }

  // Sends the head, over the connection that is there or a new one. That the upstream closed the old one in
  // this moment is found out by the answer's absence; then a request without a body is sent once more.
  bool send_head(RequestHead& head, bool has_body, ResponseParser& response) {
    if (m_upstream.is_open() && m_upstream.is_stale()) m_upstream.close();
    if (m_upstream.is_open()) {
      prepare(response, head.method());
      if (!m_upstream.write_header(head, k_patience) &&
          (has_body || !m_upstream.read_header(response, k_patience))) {
        return true;
      }
      m_upstream.close();
      if (has_body || response.got_some()) return false;
    }
    return connect() && !m_upstream.write_header(head, k_patience);
  }

  bool connect() {
    const Upstream& upstream = m_shared.upstream();
    for (const Address& address :
         look_up(upstream.host, std::to_string(upstream.port), k_patience_for_connect, m_loop.wake())) {
      if (m_loop.stopped()) return false;
      if (!m_upstream.connect(endpoint_of(address), k_patience_for_connect)) return true;
    }
    return false;
  }

  // What the client calls this server: by that name it goes on to ask.
  std::string called(const RequestParser& request) const {
    const auto host = request.get().find(http::field::host);
    if (host == request.get().end() || host->value().empty()) return m_shared.own();
    return {host->value().data(), host->value().size()};
  }

  static void prepare(ResponseParser& response, http::verb method) {
    response.header_limit(k_longest_header);
    response.body_limit(boost::none);
    if (method == http::verb::head) response.skip(true);
  }

  bool read_answer_head(const RequestParser& request, ResponseParser& response) {
    do {
      // A parser reads one message; an interim answer (100, 103) is one.
      std::destroy_at(&response);
      std::construct_at(&response);
      prepare(response, request.get().method());
      if (m_upstream.read_header(response, k_patience)) return false;
    } while (response.get().result_int() / 100 == 1);
    return true;
  }

  bool pass_answer(const RequestParser& request, ResponseParser& response, const Disturbed& disturbed,
                   Exchange& exchange, std::optional<std::string>& copy) {
    const Framing framing = framing_of(response);
    m_keep_client = m_keep_client && keeps(request) && framing != Framing::until_end;
    ResponseHead head;
    head.base() = response.get().base();
    head.version(11);
    drop_connection_fields(head);
    if (response.chunked()) head.erase(http::field::content_length);
    if (const auto location = head.find(http::field::location); location != head.end()) {
      head.set(http::field::location, rewrite_location({location->value().data(), location->value().size()},
                                                       m_shared.upstream(), called(request)));
    }
    if (!m_keep_client) head.set(http::field::connection, "close");
    exchange.first_byte = m_shared.now();
    exchange.status = static_cast<int>(response.get().result_int());
    if (m_client.write_header(head, k_patience)) return false;
    const bool reads_manifest = exchange.method == "GET" && exchange.target.path_class == PathClass::manifest;
    if (reads_manifest) copy.emplace();
    std::optional<std::string> none;
    BodySource<ResponseParser> source(m_upstream, response);
    BodySink sink(m_client, framing == Framing::chunked);
    return pass_body(source, sink, tampering(disturbed, false, length_of(response)), m_loop, m_shared,
                     m_piece, m_splice, exchange.bytes_down, reads_manifest ? copy : none) == Passed::whole;
  }

  void lose_both() {
    m_client.reset();
    m_upstream.close();
  }

  Connection m_upstream;
  bool m_keep_client = true;
};

}  // namespace

std::unique_ptr<Relay> Relay::make(int client, Shared& shared) {
  return std::make_unique<OneRelay>(client, shared);
}

}  // namespace buildlab::network
