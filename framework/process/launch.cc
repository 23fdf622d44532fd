// The only place that sees Boost.Process. Used is its launcher alone (fork, exec, the report of a failed
// exec); waiting is ours, because v2's async_wait and terminate differ from release to release (1.81
// to 1.91).
#include "framework/process/launch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/process/v2/default_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/process/v2/start_dir.hpp>
#include <boost/process/v2/stdio.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

namespace buildlab::process {
namespace {

namespace fs = std::filesystem;
namespace bp = boost::process::v2;

// Runs in the child between fork and exec, so only async-signal-safe calls. The signatures are templates
// because the launchers of different releases pass different arguments.
struct ChildSetup {
  pid_t parent;
  Grouping grouping;
  OnOurDeath on_our_death;
  std::optional<rlimit> descriptors;

  template <class Launcher, class Path>
  boost::system::error_code on_exec_setup(Launcher&, const Path&, const char* const*(&)) const {
    return set_up();
  }
  // Else the launcher calls exit(), which would run our handlers and flush our streams a second time.
  template <class... Arguments>
  void on_exec_error(Arguments&&...) const {
    if (::getpid() != parent) ::_exit(127);
  }

 private:
  boost::system::error_code set_up() const {
    if (grouping == Grouping::own_session ? ::setsid() < 0 : ::setpgid(0, 0) != 0) return last_error();
    if (on_our_death == OnOurDeath::dies) {
      if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return last_error();
      if (::getppid() != parent) ::_exit(127);  // the parent died before the call above took hold
    }
    if (descriptors && ::setrlimit(RLIMIT_NOFILE, &*descriptors) != 0) return last_error();
    for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    if (::sigprocmask(SIG_SETMASK, &none, nullptr) != 0) return last_error();
    // Releases before 1.85 close nothing. Marked, not closed: the launcher still needs its own pipe.
    if (::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
      for (int fd = 3; fd < 4096; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    return {};
  }
  static boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }
};

std::vector<std::string> environment_of(const Launch& launch) {
  std::vector<std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view variable(*entry);
    const std::string name(variable.substr(0, variable.find('=')));
    if (launch.environment.contains(name)) continue;
    if (std::find(launch.unset.begin(), launch.unset.end(), name) != launch.unset.end()) continue;
    variables.emplace_back(variable);
  }
  for (const auto& [name, value] : launch.environment) variables.push_back(name + "=" + value);
  return variables;
}

}  // namespace

Result<Launched> launch(const Launch& launch) {
  if (launch.argv.empty()) return fail(ErrorKind::infrastructure, "starting a program: no program was named");
  for (const std::string& argument : launch.argv) {
    if (argument.find('\0') != std::string::npos) {
      return fail(ErrorKind::infrastructure,
                  fmt::format("starting {}: an argument holds a NUL byte", launch.argv.front()));
    }
  }
  const std::optional<fs::path> program = find_program(launch.argv.front());
  if (!program) {
    return fail(ErrorKind::infrastructure,
                fmt::format("starting {}: not found, or no right to execute it", launch.argv.front()));
  }
  const std::vector<std::string> variables = environment_of(launch);
  std::vector<const char*> pointers;
  pointers.reserve(variables.size() + 1);
  for (const std::string& variable : variables) pointers.push_back(variable.c_str());
  pointers.push_back(nullptr);

  try {
    boost::asio::io_context context(1);
    bp::default_process_launcher launcher;
    launcher.env = pointers.data();
    bp::process_stdio streams{launch.standard_input, launch.standard_output, launch.standard_error};
    ChildSetup setup{::getpid(), launch.grouping, launch.on_our_death, descriptor_limit_of_children()};
    const std::vector<std::string> arguments(launch.argv.begin() + 1, launch.argv.end());
    bp::process_start_dir folder(launch.directory.empty() ? "." : launch.directory.string());
    boost::system::error_code code;
    auto started =
        launcher(context.get_executor(), code, program->string(), arguments, streams, folder, setup);
    if (code) {
      // Releases before 1.88 leave the child of a failed exec unreaped; later ones make this ECHILD.
      if (launcher.pid > 0) ::waitpid(launcher.pid, nullptr, 0);
      return fail(ErrorKind::infrastructure,
                  fmt::format("starting {}{}: {}", program->string(),
                              launch.directory.empty() ? std::string() : " in " + launch.directory.string(),
                              code.message()));
    }
    const pid_t pid = started.id();
    (void)started.detach();
    Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd.valid()) {
      const int cause = errno;
      ::kill(-pid, SIGKILL);
      (void)end_group_and_reap(pid, nullptr);
      return fail(ErrorKind::infrastructure,
                  fmt::format("pidfd_open for {}: {} (Linux 5.3 or newer is needed)", program->string(),
                              std::strerror(cause)));
    }
    return Launched{pid, std::move(pidfd)};
  } catch (const std::exception& error) {
    return fail(ErrorKind::infrastructure, fmt::format("starting {}: {}", program->string(), error.what()));
  }
}

Result<Fd> above_stdio(Fd fd) {
  if (fd.valid() && fd.get() > 2) return fd;
  Fd higher(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
  if (!higher.valid())
    return fail(ErrorKind::infrastructure, fmt::format("descriptor: {}", std::strerror(errno)));
  return higher;
}

Result<Fd> open_null(int flags) {
  Fd fd(::open("/dev/null", flags | O_CLOEXEC));
  if (!fd.valid())
    return fail(ErrorKind::infrastructure, fmt::format("opening /dev/null: {}", std::strerror(errno)));
  return above_stdio(std::move(fd));
}

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail(ErrorKind::infrastructure, fmt::format("pipe: {}", std::strerror(errno)));
  }
  Fd read(ends[0]);
  Fd write(ends[1]);
  BUILDLAB_ASSIGN(Fd high_read, above_stdio(std::move(read)));
  BUILDLAB_ASSIGN(Fd high_write, above_stdio(std::move(write)));
  return Pipe{std::move(high_read), std::move(high_write)};
}

Termination end_group_and_reap(pid_t pid, Usage* usage) {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  ::kill(-pid, SIGKILL);
  int status = 0;
  struct rusage resources {};
  pid_t reaped = -1;
  while ((reaped = ::wait4(pid, &status, 0, &resources)) < 0 && errno == EINTR) {
  }
  if (usage != nullptr) {
    const auto to_duration = [](const timeval& time) {
      return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
    };
    usage->user = to_duration(resources.ru_utime);
    usage->system = to_duration(resources.ru_stime);
  }
  // Others of the group die on their own; a bounded wait, because where nobody reaps orphans they stay as
  // zombies.
  for (int attempt = 0; attempt < 50 && ::kill(-pid, 0) == 0; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  if (reaped != pid) return Signalled{SIGKILL};  // somebody else reaped it: its end is unknown
  if (WIFSIGNALED(status)) return Signalled{WTERMSIG(status)};
  return Exited{WEXITSTATUS(status)};
}

std::optional<fs::path> find_program(std::string_view name) {
  const auto executable = [](const fs::path& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(path.c_str(), X_OK) == 0;
  };
  if (name.empty()) return std::nullopt;
  if (name.find('/') != std::string_view::npos) {
    return executable(name) ? std::optional<fs::path>(name) : std::nullopt;
  }
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
  while (true) {
    const std::size_t colon = rest.find(':');
    const std::string_view folder = rest.substr(0, colon);
    const fs::path candidate = fs::path(folder.empty() ? "." : folder) / name;
    if (executable(candidate)) return candidate;
    if (colon == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(colon + 1);
  }
}

}  // namespace buildlab::process
