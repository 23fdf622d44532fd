// A relay whose requests name the server that they are for.
#include <fmt/format.h>
#include <memory>

#include "framework/base/redact.h"
#include "framework/network/origin.h"
#include "framework/network/serving_relay.h"

namespace buildlab::network {
namespace {

constexpr std::chrono::seconds k_patience_for_origin{30};
constexpr std::size_t k_longest_url = 4096;
constexpr std::size_t k_longest_location = 32U << 10U;

template <typename Head>
std::string_view value_of(const Head& head, http::field name) {
  const auto found = head.find(name);
  return found == head.end() ? std::string_view()
                             : std::string_view(found->value().data(), found->value().size());
}

std::string told_url(const ThroughTarget& target) {
  return redact_url_credentials(target.url()).substr(0, k_longest_url);
}

// BuildKit asks by itself for what ADD names, and follows redirections itself; a RUN step's own program,
// whose requests BuildKit only passes on, calls itself by another name.
bool is_of_builder(const RequestParser& request) {
  return value_of(request.get(), http::field::user_agent).starts_with("buildkit/");
}

// What BuildKit's client would have sent the server itself, which it takes for this one: credentials of the
// URL, and where it was sent on, the server that did, and none of that one's secrets.
void address_to_server(RequestHead& head, const ThroughTarget& to) {
  if (const auto from = parse_through_url(value_of(head, http::field::referer))) {
    head.erase(http::field::authorization);
    head.erase(http::field::cookie);
    head.set(http::field::referer, from->url());
    if (from->tls && !to.tls) head.erase(http::field::referer);
  }
  const std::string credentials = to.authorization();
  if (!credentials.empty() && value_of(head, http::field::authorization).empty())
    head.set(http::field::authorization, credentials);
}

// A proxy is asked for the whole URL of what is not encrypted.
void address_to_proxy(RequestHead& head, const ThroughTarget& to, const Endpoint& proxy) {
  head.target(to.url());
  if (const std::string credentials = proxy_authorization(proxy); !credentials.empty())
    head.set(http::field::proxy_authorization, credentials);
}

// Where the answer sends the client on, it comes here again; BuildKit's client does so ten times at most.
void lead_through(ResponseHead& head, const ThroughTarget& from, const std::string& entrance,
                  Exchange& exchange) {
  const auto next = redirected(from, value_of(head, http::field::location));
  if (!next) return;
  const std::string path = entrance + next->through();
  if (path.size() > k_longest_location) return;
  head.set(http::field::location, path);
  exchange.leads_to = told_url(*next);
}

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

class FetchRelay final : public ServingRelay {
 public:
  FetchRelay(int client, Shared& shared) : ServingRelay(client, shared), m_origin(m_loop) {}

 private:
  void close_other_side() override { m_origin.close(); }

  void serve(RequestParser& request) override {
    const http::verb method = request.get().method();
    std::string_view target(request.get().target().data(), request.get().target().size());
    const bool invited = target.starts_with(m_shared.entrance());
    if (invited) target.remove_prefix(m_shared.entrance().size());
    const auto to = parse_through_target(target);
    const bool takes = method == http::verb::get || method == http::verb::head;
    if (!invited || !to || !takes || !request.is_done()) return refuse();
    Exchange exchange;
    exchange.method = std::string(request.get().method_string());
    exchange.target.path = told_url(*to);
    exchange.by_builder = is_of_builder(request);
    exchange.start = m_shared.now();
    UnderWay under_way(m_shared, std::move(exchange), false);
    const Disturbed& disturbed = under_way.disturbed();
    m_loop.sleep(disturbed.delay);
    if (m_loop.stopped() || disturbed.reset) {
      m_client.reset();
    } else if (disturbed.answer) {
      answer(request, *disturbed.answer, "answered by a fault of the scenario\n", under_way.exchange);
    } else {
      pass_on(request, *to, disturbed, under_way.exchange);
    }
  }

  // What is no request to pass on.
  void refuse() {
    ResponseHead head = faulty_head({400, std::nullopt}, 0, false);
    m_client.write_header(head, k_patience);
    m_client.close();
  }

  // An answer of our own.
  void answer(const RequestParser& request, const FaultyAnswer& given, const std::string& body,
              Exchange& exchange) {
    const bool keep = keeps(request);
    ResponseHead head = faulty_head(given, body.size(), keep);
    head.set(http::field::content_type, "text/plain");
    exchange.first_byte = m_shared.now();
    if (m_client.write_header(head, k_patience)) return m_client.reset();
    if (request.get().method() != http::verb::head) {
      if (m_client.write(asio::buffer(body), k_patience)) return m_client.reset();
    }
    exchange.bytes_down += body.size();
    exchange.status = given.status;
    exchange.cut = false;
    if (!keep) m_client.close();
  }

  // The step's own client is told what a proxy tells where it reaches nobody.
  void answer_unreached(const RequestParser& request, const std::string& why, Exchange& exchange) {
    answer(request, {502, std::nullopt}, why + "\n", exchange);
  }

  void pass_on(const RequestParser& request, const ThroughTarget& to, const Disturbed& disturbed,
               Exchange& exchange) {
    RequestHead head;
    head.base() = request.get().base();
    head.version(11);
    drop_connection_fields(head);
    head.target(to.target);
    head.set(http::field::host, to.authority());
    if (exchange.by_builder) address_to_server(head, to);
    const auto through = proxy_for(to.tls, to.host, to.port);
    if (!through) return answer_unreached(request, through.error().message, exchange);
    const std::optional<Endpoint>& proxy = *through;
    if (proxy && !to.tls) address_to_proxy(head, to, *proxy);
    std::optional<ResponseParser> response;
    if (!ask(head, to, proxy, response)) {
      m_origin.close();
      return answer_unreached(request, to.authority() + ": no answer came from it", exchange);
    }
    if (!pass_answer(request, to, *response, disturbed, exchange)) {
      m_client.reset();
      m_origin.close();
      return;
    }
    exchange.cut = false;
    if (!response->keep_alive() || m_origin.has_unread()) m_origin.close();
    if (!m_keep_client) m_client.close();
  }

  // Over the connection that is there, which the origin may have closed meanwhile, or a new one.
  bool ask(RequestHead& head, const ThroughTarget& to, const std::optional<Endpoint>& proxy,
           std::optional<ResponseParser>& response) {
    if (m_origin.is_connected_to(to) && ask_once(head, response)) return true;
    if (m_loop.stopped() || m_origin.connect(to, proxy, k_patience_for_origin)) return false;
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

  bool pass_answer(const RequestParser& request, const ThroughTarget& to, ResponseParser& response,
                   const Disturbed& disturbed, Exchange& exchange) {
    const Framing framing = framing_of(response);
    m_keep_client = keeps(request) && framing != Framing::until_end;
    ResponseHead head;
    head.base() = response.get().base();
    head.version(11);
    drop_connection_fields(head);
    if (response.chunked()) head.erase(http::field::content_length);
    if (!m_keep_client) head.set(http::field::connection, "close");
    if (exchange.by_builder && response.get().result_int() / 100 == 3)
      lead_through(head, to, m_shared.entrance(), exchange);
    exchange.first_byte = m_shared.now();
    exchange.status = static_cast<int>(response.get().result_int());
    if (m_client.write_header(head, k_patience)) return false;
    OriginBody source(m_origin, response);
    BodySink sink(m_client, framing == Framing::chunked);
    std::optional<std::string> none;
    return pass_body(source, sink, tampering(disturbed, false, length_of(response)), m_loop, m_shared,
                     m_piece, m_splice, exchange.bytes_down, none) == Passed::whole;
  }

  Origin m_origin;
  bool m_keep_client = true;
};

}  // namespace

std::unique_ptr<Relay> Relay::make_for_fetches(int client, Shared& shared) {
  return std::make_unique<FetchRelay>(client, shared);
}

}  // namespace buildlab::network
