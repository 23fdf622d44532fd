#include "framework/shim/runtime.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "framework/base/file.h"
#include "framework/shim/executed.h"

namespace buildlab::shim {
namespace {

constexpr int k_could_not_start = 125;

Error runtime_error(std::string_view what) {
  return {ErrorKind::infrastructure, fmt::format("{}: {}", what, std::strerror(errno))};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

sigset_t handed_on() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT})
    sigaddset(&set, signal);
  return set;
}

// Returns in the parent only.
pid_t start(std::vector<std::string> command, const sigset_t& mask) {
  const std::vector<char*> arguments = pointers_to(command);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() == parent && ::sigprocmask(SIG_SETMASK, &mask, nullptr) == 0)
    ::execv(arguments.front(), arguments.data());
  ::_exit(k_could_not_start);
}

int exit_code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Until the child has ended; what it runs is noted meanwhile.
Result<int> wait_for(pid_t child, const Fd& signals, ExecutedPrograms* executed) {
  const Fd ended(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  if (!ended.valid()) return tl::unexpected(runtime_error("pidfd_open"));
  std::array<pollfd, 3> waiting{{{ended.get(), POLLIN, 0},
                                 {signals.get(), POLLIN, 0},
                                 {executed == nullptr ? -1 : executed->descriptor(), POLLIN, 0}}};
  while (true) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return tl::unexpected(runtime_error("poll"));
    }
    if (waiting[2].revents != 0) BUILDLAB_TRY(executed->take());
    signalfd_siginfo signal{};
    if (waiting[1].revents != 0 && ::read(signals.get(), &signal, sizeof signal) == sizeof signal)
      ::kill(child, static_cast<int>(signal.ssi_signo));
    if (waiting[0].revents == 0) continue;
    int status = 0;
    if (::waitpid(child, &status, 0) != child) return tl::unexpected(runtime_error("waitpid"));
    if (executed != nullptr) BUILDLAB_TRY(executed->take());
    return exit_code_of(status);
  }
}

}  // namespace

Error become(const std::vector<std::string>& command) {
  std::vector<std::string> texts = command;
  ::execv(texts.front().c_str(), pointers_to(texts).data());
  return runtime_error("starting " + command.front());
}

Result<Ended> run(const std::vector<std::string>& command, const std::filesystem::path& watched) {
  std::optional<Root> root;
  std::optional<ExecutedPrograms> executed;
  Ended ended;
  if (!watched.empty()) {
    BUILDLAB_ASSIGN(root, Root::open(watched));
    auto watch = ExecutedPrograms::watch(watched, *root);
    if (watch) {
      executed.emplace(std::move(*watch));
    } else {
      ended.unreached = fmt::format("which programs it runs cannot be watched ({})", watch.error().message);
    }
  }
  const sigset_t signals = handed_on();
  sigset_t before;
  if (::sigprocmask(SIG_BLOCK, &signals, &before) != 0) return tl::unexpected(runtime_error("sigprocmask"));
  const Fd descriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!descriptor.valid()) return tl::unexpected(runtime_error("signalfd"));
  const pid_t child = start(command, before);
  if (child < 0) return tl::unexpected(runtime_error("fork"));
  BUILDLAB_ASSIGN(ended.exit_code, wait_for(child, descriptor, executed ? &*executed : nullptr));
  if (executed) ended.unreached = executed->unreached();
  return ended;
}

}  // namespace buildlab::shim
