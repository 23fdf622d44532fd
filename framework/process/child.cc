#include "framework/process/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <future>
#include <mutex>
#include <thread>

#include "framework/process/launch.h"

namespace buildlab::process {
namespace {

Result<Fd> open_log(const std::filesystem::path& path) {
  if (path.empty()) return open_null(O_WRONLY);
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    return fail(ErrorKind::infrastructure,
                fmt::format("opening {}: {}", path.string(), std::strerror(errno)));
  }
  return above_stdio(std::move(fd));
}

class WatchedChild final : public Child {
 public:
  WatchedChild() = default;
  WatchedChild(const WatchedChild&) = delete;
  WatchedChild& operator=(const WatchedChild&) = delete;
  WatchedChild(WatchedChild&&) = delete;
  WatchedChild& operator=(WatchedChild&&) = delete;
  ~WatchedChild() override {
    signal_group(SIGKILL);
    if (m_thread.joinable()) m_thread.join();
  }

  Status begin(const ChildCommand& command) {
    BUILDLAB_ASSIGN(Fd log, open_log(command.log));
    // A socket and not a pipe: writing to it can be told not to raise SIGPIPE.
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      return fail(ErrorKind::infrastructure, fmt::format("socketpair: {}", std::strerror(errno)));
    }
    Fd ours(ends[0]);
    Fd theirs(ends[1]);
    BUILDLAB_ASSIGN(m_input, above_stdio(std::move(ours)));
    BUILDLAB_ASSIGN(Fd standard_input, above_stdio(std::move(theirs)));
    std::promise<Status> launched;
    std::future<Status> outcome = launched.get_future();
    try {
      m_thread = std::thread([this, &command, &launched, &standard_input, &log] {
        static const std::vector<std::string> none;
        static const std::filesystem::path here;
        Result<Launched> child = launch(Launch{.argv = command.argv,
                                               .environment = command.environment,
                                               .unset = none,
                                               .directory = here,
                                               .standard_input = standard_input.get(),
                                               .standard_output = log.get(),
                                               .standard_error = log.get(),
                                               .grouping = Grouping::own_session,
                                               .on_our_death = command.on_our_death});
        if (!child) {
          launched.set_value(tl::unexpected(child.error()));
          return;
        }
        m_pid = child->pid;
        const Fd pidfd = std::move(child->pidfd);
        launched.set_value({});
        watch(pidfd);
      });
    } catch (const std::system_error& error) {
      return fail(ErrorKind::infrastructure, fmt::format("starting a thread: {}", error.what()));
    }
    return outcome.get();
  }

  pid_t pid() const override { return m_pid; }

  std::optional<Termination> ended() const override {
    const std::lock_guard lock(m_mutex);
    return m_termination;
  }

  std::optional<Termination> wait(Nanoseconds at_most) override {
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, at_most, [this] { return m_termination.has_value(); });
    return m_termination;
  }

  void signal_group(int signal) override {
    const std::lock_guard lock(m_mutex);
    if (m_pid > 0 && !m_reaping) ::kill(-m_pid, signal);
  }

  bool write_input(std::string_view text) override {
    while (!text.empty()) {
      const ssize_t sent = ::send(m_input.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void close_input() override { m_input = Fd(); }

 private:
  void watch(const Fd& pidfd) {
    pollfd polled{pidfd.get(), POLLIN, 0};
    while (::poll(&polled, 1, -1) < 0 && errno == EINTR) {
    }
    {
      const std::lock_guard lock(m_mutex);
      m_reaping = true;
    }
    const Termination termination = end_group_and_reap(m_pid, nullptr);
    {
      const std::lock_guard lock(m_mutex);
      m_termination = termination;
    }
    m_changed.notify_all();
  }

  Fd m_input;
  pid_t m_pid = -1;
  mutable std::mutex m_mutex;
  std::condition_variable m_changed;
  bool m_reaping = false;
  std::optional<Termination> m_termination;
  std::thread m_thread;
};

}  // namespace

Result<std::unique_ptr<Child>> Child::start(const ChildCommand& command) {
  auto child = std::make_unique<WatchedChild>();
  BUILDLAB_TRY(child->begin(command));
  return child;
}

}  // namespace buildlab::process
