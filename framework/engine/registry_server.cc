// A registry server on loopback, from the distribution project's program (2.8 and 3.x read the same
// settings).
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/engine/base_image.h"
#include "framework/engine/daemon.h"
#include "framework/process/child.h"
#include "framework/process/interrupt.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr Nanoseconds k_registry_start_limit = 20s;
constexpr Bytes k_longest_log{1U << 20U};
constexpr int k_attempts = 5;  // with another port each

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

std::optional<std::uint16_t> free_port() {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (!fd.valid() || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return std::nullopt;
  }
  return ntohs(address.sin_port);
}

bool accepts(std::uint16_t port) {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  return fd.valid() && ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// Everything but address and folder, which come by the environment; so the file is the same for all servers.
std::string settings() {
  return to_pretty_text(Json{{"version", 0.1},
                             {"log", {{"level", "warn"}, {"accesslog", {{"disabled", true}}}}},
                             {"storage",
                              {{"filesystem", {{"rootdirectory", "/nonexistent"}}},
                               {"maintenance", {{"uploadpurging", {{"enabled", false}}}}}}},
                             {"http", {{"addr", "127.0.0.1:0"}}}});
}

class ChildServer final : public RegistryServer {
 public:
  ChildServer(std::unique_ptr<process::Child> child, std::uint16_t port)
      : m_child(std::move(child)), m_port(port) {}
  // "localhost", because BuildKit takes plain HTTP for granted there.
  std::string endpoint() const override { return fmt::format("localhost:{}", m_port); }

 private:
  std::unique_ptr<process::Child> m_child;
  std::uint16_t m_port;
};

}  // namespace

Result<std::unique_ptr<RegistryServer>> RegistryServer::start(const Tool& registry, const fs::path& storage) {
  std::error_code code;
  const fs::path root = fs::absolute(storage, code);
  BUILDLAB_TRY(make_directories(root));
  const fs::path config = root / "buildlab-registry.json";
  if (read_file(config).value_or("") != settings()) BUILDLAB_TRY(write_file_atomic(config, settings()));
  const fs::path log = root / "buildlab-registry.log";
  if (fs::file_size(log, code) > k_longest_log.count && !code) fs::remove(log, code);
  std::string last = "no free port on 127.0.0.1";
  for (int attempt = 0; attempt < k_attempts; ++attempt) {
    const std::optional<std::uint16_t> port = free_port();
    if (!port) continue;
    BUILDLAB_ASSIGN(
        auto child,
        process::Child::start({.argv = {registry.path.string(), "serve", config.string()},
                               .environment = {{"REGISTRY_HTTP_ADDR", fmt::format("127.0.0.1:{}", *port)},
                                               {"REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", root.string()},
                                               {"OTEL_TRACES_EXPORTER", "none"}},
                               .log = log}));
    const auto begun = SteadyClock::now();
    while (!child->wait(2ms)) {
      if (accepts(*port)) {
        // Somebody else may have taken the port first; then ours has ended, or is about to.
        if (child->wait(5ms)) break;
        return std::make_unique<ChildServer>(std::move(child), *port);
      }
      if (process::interrupted())
        return fail(ErrorKind::interrupted, "interrupted while a registry was started");
      if (SteadyClock::now() - begun > k_registry_start_limit) break;
    }
    const std::vector<std::string> lines = last_lines(read_file(log).value_or(""), 2);
    last = fmt::format("{}", fmt::join(lines, "; "));
  }
  return fail(ErrorKind::infrastructure,
              fmt::format("starting the registry server {}: {}", registry.path.string(), last));
}

}  // namespace buildlab::engine
