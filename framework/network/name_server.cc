#include "framework/network/name_server.h"

#include <fmt/format.h>
#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <memory>
#include <random>
#include <system_error>
#include <thread>
#include <utility>

#include "framework/base/time.h"
#include "framework/network/lookups.h"
#include "framework/network/name_message.h"
#include "framework/network/vanishing.h"

namespace buildlab::network {
namespace {

namespace net = boost::asio;
using net::ip::udp;
using net_error = boost::system::error_code;

constexpr std::size_t k_longest_packet = 4096;
constexpr std::size_t k_most_waiting = 512;  // questions; a client asks again when it hears nothing
// All servers together; a resolver asks again after 5 s.
constexpr std::chrono::milliseconds k_patience_for_servers{4500};
constexpr std::chrono::milliseconds k_pause_without_memory{10};
constexpr int k_tries = 8;  // addresses

constexpr NameAddress k_proxy_address{127, 0, 0, 1};
// A host cannot be a group of hosts: the kernel refuses to connect there with "network is unreachable".
constexpr NameAddress k_no_route{224, 0, 0, 1};

// One that is waited for, as long as it lives.
class Waiting {
 public:
  explicit Waiting(std::size_t& count) : m_count(count) { ++m_count; }
  ~Waiting() { --m_count; }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  Waiting(Waiting&&) = delete;
  Waiting& operator=(Waiting&&) = delete;

 private:
  std::size_t& m_count;
};

// One question that is passed on to one server after the other, until one answers.
class PassedOn : public std::enable_shared_from_this<PassedOn> {
 public:
  using Done = std::function<void(const std::optional<std::string>& answer)>;  // nullopt: nobody's

  PassedOn(net::io_context& context, std::string question, std::vector<udp::endpoint> servers, Done done)
      : m_socket(context),
        m_timer(context),
        m_question(std::move(question)),
        m_servers(std::move(servers)),
        m_done(std::move(done)) {}

  void ask_next() {
    net_error error;
    m_socket.close(error);
    if (m_next >= m_servers.size()) return end(std::nullopt);
    const udp::endpoint server = m_servers[m_next++];
    m_socket.open(server.protocol(), error);
    if (!error) m_socket.connect(server, error);
    if (!error) m_socket.send(net::buffer(m_question), 0, error);
    if (error) return ask_next();
    const auto self = shared_from_this();
    m_socket.async_receive(net::buffer(m_buffer),
                           [self](net_error failed, std::size_t size) { self->take(failed, size); });
    m_timer.expires_after(k_patience_for_servers / m_servers.size());
    m_timer.async_wait([self](net_error stopped) {
      if (!stopped && self->m_done) self->ask_next();
    });
  }

 private:
  void end(const std::optional<std::string>& answer) {
    if (const Done done = std::exchange(m_done, nullptr)) done(answer);
  }

  void take(net_error failed, std::size_t size) {
    if (failed == net::error::operation_aborted || !m_done) return;  // the timer's
    m_timer.cancel();
    const auto answer =
        failed ? std::nullopt : passed_on_answer(m_question, std::string(m_buffer.data(), size));
    if (!answer) return ask_next();
    end(answer);
  }

  udp::socket m_socket;
  net::steady_timer m_timer;
  std::string m_question;
  std::vector<udp::endpoint> m_servers;
  std::size_t m_next = 0;
  Done m_done;
  std::array<char, k_longest_packet> m_buffer{};
};

std::vector<udp::endpoint> endpoints_of(const std::vector<std::string>& addresses, std::uint16_t port) {
  std::vector<udp::endpoint> endpoints;
  for (const std::string& address : addresses) {
    net_error error;
    const auto parsed = net::ip::make_address(address, error);
    if (!error) endpoints.emplace_back(parsed, port);
  }
  return endpoints;
}

class LoopbackNameServer final : public NameServer {
 public:
  explicit LoopbackNameServer(NamePlan plan)
      : m_socket(m_context),
        m_lookups(plan.faults, plan.build),
        m_servers(endpoints_of(plan.servers, plan.servers_port)),
        m_plan(std::move(plan)) {}
  LoopbackNameServer(const LoopbackNameServer&) = delete;
  LoopbackNameServer& operator=(const LoopbackNameServer&) = delete;
  LoopbackNameServer(LoopbackNameServer&&) = delete;
  LoopbackNameServer& operator=(LoopbackNameServer&&) = delete;
  ~LoopbackNameServer() override {
    m_context.stop();
    if (m_thread.joinable()) m_thread.join();
  }

  Status begin() {
    BUILDLAB_TRY(take_address());
    BUILDLAB_ASSIGN(m_vanishing, vanishing_port(address(), m_plan.proxy_port));
    receive();
    try {
      m_thread = std::thread([this] { serve(); });
    } catch (const std::system_error& error) {
      return fail(ErrorKind::infrastructure, fmt::format("starting a thread: {}", error.what()));
    }
    return {};
  }

  std::string address() const override { return m_address.to_string(); }
  std::uint16_t port() const override { return m_port; }
  int disturbed() const override { return m_disturbed; }
  int disturbed_to_read() const override { return m_disturbed_to_read; }

 private:
  // One of 127.53.0.0/16, so that builds side by side have one each.
  Status take_address() {
    std::random_device random;
    net_error error;
    for (int i = 0; i < k_tries; ++i) {
      const auto low = static_cast<std::uint32_t>(1 + random() % 0xfffeU);
      m_address = net::ip::address_v4(0x7f350000U | low);
      const udp::endpoint place(m_address, m_plan.port);
      net_error ignored;
      m_socket.close(ignored);
      m_socket.open(udp::v4(), error);
      if (!error) m_socket.bind(place, error);
      if (!error) m_port = m_socket.local_endpoint(error).port();
      if (!error) return {};
    }
    return fail(ErrorKind::infrastructure,
                fmt::format("starting a name server on {}:{}: {}", m_address.to_string(), m_plan.port,
                            error.message()),
                {"faults of the way to the registry (unreachable, no_route, slow_dns, unresolved) need UDP "
                 "port 53 of one address of 127.53.0.0/16: run as root, and see that no other server of "
                 "this machine has port 53 on every address (ss -lunp)"});
  }

  // Where memory or descriptors run out a question stays without an answer, and the client asks again.
  void serve() {
    while (!m_context.stopped()) {
      try {
        if (!m_receiving) receive();
        m_context.run();
      } catch (const std::exception&) {
        std::this_thread::sleep_for(k_pause_without_memory);
      }
    }
  }

  void receive() {
    m_receiving = true;
    const auto received = [this](net_error error, std::size_t size) {
      m_receiving = false;
      if (error == net::error::operation_aborted) return;
      if (!error) take(std::string(m_buffer.data(), size), m_client);
      receive();
    };
    try {
      m_socket.async_receive_from(net::buffer(m_buffer), m_client, received);
    } catch (const std::exception&) {
      m_receiving = false;
      throw;
    }
  }

  void take(const std::string& packet, const udp::endpoint& client) {
    const auto question = parse_name_question(packet);
    if (!question || m_waiting >= k_most_waiting) return;
    const bool exports = question->name == k_export_host;
    if (!exports && question->name != k_import_host) return pass_on(packet, *question, client);
    fault::At at = fault::At::write;
    if (!exports) at = m_plan.imported && m_plan.imported() ? fault::At::pull : fault::At::import;
    const Nanoseconds after = SteadyClock::now() - m_begun;
    // There are addresses of version 4 only; whoever asks for others as well is counted once.
    if (question->type != k_type_address) {
      const bool fails = m_lookups.would_fail(at, after);
      const NameStatus status = fails ? NameStatus::server_failure : NameStatus::good;
      return send(name_answer(packet, *question, status, std::nullopt), client);
    }
    const Lookup lookup = m_lookups.next(at, after);
    if (lookup.disturbed()) ++m_disturbed;
    if (lookup.disturbed() && !exports) ++m_disturbed_to_read;
    send_after(lookup.delay, answer_of(packet, *question, lookup), client);
  }

  std::string answer_of(const std::string& packet, const NameQuestion& question, const Lookup& lookup) const {
    switch (lookup.leads_to) {
      case LeadsTo::proxy:
        return name_answer(packet, question, NameStatus::good, k_proxy_address);
      case LeadsTo::nowhere:
        return name_answer(packet, question, NameStatus::good, m_address.to_bytes());
      case LeadsTo::no_route:
        return name_answer(packet, question, NameStatus::good, k_no_route);
      case LeadsTo::failure:
        break;
    }
    return name_answer(packet, question, NameStatus::server_failure, std::nullopt);
  }

  void send(const std::string& answer, const udp::endpoint& client) {
    net_error ignored;
    m_socket.send_to(net::buffer(answer), client, 0, ignored);
  }

  void send_after(Nanoseconds delay, std::string answer, const udp::endpoint& client) {
    if (delay.count() <= 0) return send(answer, client);
    const auto waiting = std::make_shared<Waiting>(m_waiting);
    const auto timer = std::make_shared<net::steady_timer>(m_context, delay);
    timer->async_wait([this, waiting, timer, answer = std::move(answer), client](net_error stopped) {
      if (!stopped) send(answer, client);
    });
  }

  // Where nobody answers the client is told so, as by a server of its own.
  void pass_on(const std::string& packet, const NameQuestion& question, const udp::endpoint& client) {
    const auto waiting = std::make_shared<Waiting>(m_waiting);
    const std::string failure = name_answer(packet, question, NameStatus::server_failure, std::nullopt);
    const auto reply = [this, waiting, failure, client](const std::optional<std::string>& answer) {
      send(answer.value_or(failure), client);
    };
    std::make_shared<PassedOn>(m_context, packet, m_servers, reply)->ask_next();
  }

  SteadyClock::time_point m_begun = SteadyClock::now();
  std::size_t m_waiting = 0;  // before the context, which counts down when it ends
  net::io_context m_context{1};
  udp::socket m_socket;
  Lookups m_lookups;
  std::vector<udp::endpoint> m_servers;
  NamePlan m_plan;
  net::ip::address_v4 m_address;
  std::uint16_t m_port = 0;
  Fd m_vanishing;
  std::array<char, k_longest_packet> m_buffer{};
  udp::endpoint m_client;
  std::atomic<int> m_disturbed = 0;
  std::atomic<int> m_disturbed_to_read = 0;
  bool m_receiving = false;  // of the thread, once it runs
  std::thread m_thread;
};

}  // namespace

Result<std::unique_ptr<NameServer>> NameServer::start(NamePlan plan) {
  auto server = std::make_unique<LoopbackNameServer>(std::move(plan));
  BUILDLAB_TRY(server->begin());
  return server;
}

}  // namespace buildlab::network
