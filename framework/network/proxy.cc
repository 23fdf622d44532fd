#include "framework/network/proxy.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <list>
#include <random>
#include <thread>
#include <utility>

#include "framework/base/file.h"
#include "framework/network/relay.h"
#include "framework/network/shared.h"

namespace buildlab::network {
namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds k_patience_for_ends = 2s;
constexpr int k_look_again_ms = 20;

tl::unexpected<Error> problem(std::string_view call) {
  return fail(ErrorKind::infrastructure,
              fmt::format("starting a proxy on 127.0.0.1: {}: {}", call, std::strerror(errno)));
}

struct Listening {
  Fd fd;
  std::uint16_t port = 0;
};

Result<Listening> listen_on_loopback() {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return problem("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return problem("bind");
  if (::listen(fd.get(), SOMAXCONN) != 0) return problem("listen");
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return problem("getsockname");
  return Listening{std::move(fd), ntohs(address.sin_port)};
}

// What a connection is made of: both sides, a pipe between them, a loop with its timer and two wakers.
constexpr rlim_t k_descriptors_of_one = 8;

// Half of the descriptors that this process may have: it has other uses for them, and other proxies.
std::size_t connections_at_once() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return k_max_connections;
  const rlim_t affordable = std::max<rlim_t>(1, limit.rlim_cur / 2 / k_descriptors_of_one);
  return static_cast<std::size_t>(std::min<rlim_t>(affordable, k_max_connections));
}

// 128 bits.
std::string random_entrance() {
  std::random_device source;
  std::string path = "/";
  for (int i = 0; i < 4; ++i) path += fmt::format("{:08x}", source() & 0xffffffffU);
  return path;
}

// A connection with the thread that serves it.
struct Served {
  std::unique_ptr<Relay> relay;
  std::atomic<bool> done = false;
  std::thread thread;
};

class LoopbackProxy final : public Proxy {
 public:
  using MakeRelay = std::unique_ptr<Relay> (*)(int, Shared&);

  LoopbackProxy(Listening listening, Fd wake, const Upstream& upstream, const Plan& plan,
                MakeRelay make_relay)
      : m_listening(std::move(listening)),
        m_wake(std::move(wake)),
        m_most(connections_at_once()),
        m_shared(upstream, plan),
        m_make_relay(make_relay) {
    m_shared.set_own(endpoint());
    if (plan.fetches) m_shared.set_entrance(random_entrance());
  }
  LoopbackProxy(const LoopbackProxy&) = delete;
  LoopbackProxy& operator=(const LoopbackProxy&) = delete;
  LoopbackProxy(LoopbackProxy&&) = delete;
  LoopbackProxy& operator=(LoopbackProxy&&) = delete;
  ~LoopbackProxy() override { end(); }

  Status begin() {
    try {
      m_thread = std::thread([this] { accept_all(); });
    } catch (const std::system_error& error) {
      return fail(ErrorKind::infrastructure, fmt::format("starting a thread: {}", error.what()));
    }
    return {};
  }

  // "localhost", because BuildKit takes plain HTTP for granted there.
  std::string endpoint() const override { return fmt::format("localhost:{}", m_listening.port); }
  std::string entrance() const override { return m_shared.entrance(); }
  Transfers transfers() override { return m_shared.transfers(k_patience_for_ends); }
  bool gave_configuration() const override { return m_shared.gave_configuration(); }
  void stop() override { end(); }

 private:
  void end() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(m_wake.get(), &one, sizeof one);
    if (m_thread.joinable()) m_thread.join();
  }

  void accept_all() {
    pollfd polled[2] = {{m_listening.fd.get(), POLLIN, 0}, {m_wake.get(), POLLIN, 0}};
    while (polled[1].revents == 0) {
      // Beyond the most that are served at once clients wait in the kernel's queue until one has ended.
      const bool full = m_first_waiting.valid() || m_served.size() >= m_most;
      polled[0].fd = full ? -1 : m_listening.fd.get();
      if (::poll(polled, 2, full ? k_look_again_ms : -1) < 0) {
        if (errno == EINTR) continue;
        break;
      }
      if (full) {
        make_room();
      } else if (polled[0].revents != 0) {
        accept_one();
      }
    }
    m_listening.fd = Fd();
    if (m_first_waiting.valid()) m_shared.turn_away();
    for (Served& served : m_served) served.relay->stop();
    for (Served& served : m_served) served.thread.join();
    m_served.clear();
  }

  // Connections that only wait for a further request end for those that have one.
  void make_room() {
    m_shared.set_crowded(true);
    for (Served& served : m_served) served.relay->stop_if_idle();
    reap();
    if (m_served.size() < m_most && m_first_waiting.valid())
      begin_to_serve(std::exchange(m_first_waiting, Fd()));
    if (m_served.size() < m_most && !m_first_waiting.valid()) m_shared.set_crowded(false);
  }

  void accept_one() {
    Fd client(::accept4(m_listening.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client.valid()) {
      // Without descriptors the connection stays in the queue; do not ask for it at full speed.
      if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) std::this_thread::sleep_for(10ms);
      return;
    }
    reap();
    const int on = 1;
    ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    begin_to_serve(std::move(client));
  }

  // What a relay is made of throws where descriptors, memory or threads have run out: the client waits until
  // others have given theirs back.
  void begin_to_serve(Fd client) {
    std::list<Served> made;
    try {
      Served& served = made.emplace_back();
      served.relay = m_make_relay(client.get(), m_shared);
      served.thread = std::thread([&served] { serve(served); });
      (void)client.release();  // the relay's, once it runs
      m_served.splice(m_served.end(), made);
    } catch (const std::exception&) {
      if (m_served.empty()) {
        m_shared.turn_away();
      } else {
        m_first_waiting = std::move(client);
      }
    }
  }

  static void serve(Served& served) {
    run_to_end(*served.relay);
    served.done = true;
  }

  // The threads of connections that have ended.
  void reap() {
    for (auto it = m_served.begin(); it != m_served.end();) {
      if (!it->done) {
        ++it;
        continue;
      }
      it->thread.join();
      it = m_served.erase(it);
    }
  }

  Listening m_listening;
  Fd m_wake;
  std::size_t m_most;  // connections at once
  Shared m_shared;
  MakeRelay m_make_relay;
  Fd m_first_waiting;
  std::list<Served> m_served;  // of the accepting thread alone
  std::thread m_thread;
};

Result<std::unique_ptr<Proxy>> start_loopback(const Upstream& upstream, const Plan& plan,
                                              LoopbackProxy::MakeRelay make_relay) {
  BUILDLAB_ASSIGN(Listening listening, listen_on_loopback());
  Fd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return problem("eventfd");
  auto proxy =
      std::make_unique<LoopbackProxy>(std::move(listening), std::move(wake), upstream, plan, make_relay);
  BUILDLAB_TRY(proxy->begin());
  return proxy;
}

}  // namespace

Result<std::unique_ptr<Proxy>> Proxy::start(const Upstream& upstream, const Plan& plan) {
  return start_loopback(upstream, plan, &Relay::make);
}

Result<std::unique_ptr<Proxy>> Proxy::start_for_fetches(Plan plan) {
  plan.fetches = true;
  return start_loopback({}, plan, &Relay::make_for_fetches);
}

}  // namespace buildlab::network
