#include "framework/process/command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "framework/process/interrupt.h"
#include "framework/process/launch.h"

namespace buildlab::process {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_longest_line = 64ULL << 20U;
constexpr Nanoseconds k_grace = 1s;           // between SIGTERM and SIGKILL
constexpr Nanoseconds k_drain_limit = 500ms;  // for a pipe kept open by a process that left the group

// One output: what it collects and the line that is not finished yet.
struct Output {
  Fd fd;
  const std::function<void(std::string_view)>& on_line;
  bool keep;
  std::string collected = {};
  std::string unfinished = {};

  void take(std::string_view bytes) {
    if (keep) collected.append(bytes);
    if (!on_line) return;
    while (!bytes.empty()) {
      const std::size_t newline = bytes.find('\n');
      if (newline == std::string_view::npos) {
        unfinished.append(bytes);
        if (unfinished.size() > k_longest_line) flush();
        return;
      }
      if (unfinished.empty()) {
        on_line(bytes.substr(0, newline));
      } else {
        unfinished.append(bytes.substr(0, newline));
        flush();
      }
      bytes.remove_prefix(newline + 1);
    }
  }

  void flush() {
    if (on_line && !unfinished.empty()) on_line(unfinished);
    unfinished.clear();
  }

  // Reads what is there; closes at the end of file.
  void read_some(std::string& buffer) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got > 0) {
      take(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
    } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
      fd = Fd();
    }
  }
};

Result<Fd> input_from(const std::string& text) {
  if (text.empty()) return open_null(O_RDONLY);
  Fd memory(::memfd_create("buildlab-input", MFD_CLOEXEC));
  if (!memory.valid())
    return fail(ErrorKind::infrastructure, fmt::format("memfd_create: {}", std::strerror(errno)));
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(memory.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0)
      return fail(ErrorKind::infrastructure, fmt::format("keeping input: {}", std::strerror(errno)));
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  ::lseek(memory.get(), 0, SEEK_SET);
  return above_stdio(std::move(memory));
}

int milliseconds_until(SteadyClock::time_point when) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - SteadyClock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

// Why the child was asked to end, and when it will be forced.
struct Ending {
  std::optional<Termination> reason;
  SteadyClock::time_point force_at;

  void begin(Termination why, pid_t group) {
    reason = why;
    force_at = SteadyClock::now() + k_grace;
    ::kill(-group, SIGTERM);
  }
};

// Reads both outputs until the child has ended.
void serve(const Launched& child, Output& standard_output, Output& standard_error,
           const std::optional<Nanoseconds>& timeout, SteadyClock::time_point begun, Ending& ending) {
  std::string buffer(1U << 16U, '\0');
  bool watch_interrupt = true;
  while (true) {
    std::optional<SteadyClock::time_point> wake;
    if (ending.reason) {
      wake = ending.force_at;
    } else if (timeout) {
      wake = begun + *timeout;
    }
    std::array<pollfd, 4> polled{
        pollfd{child.pidfd.get(), POLLIN, 0}, pollfd{standard_output.fd.get(), POLLIN, 0},
        pollfd{standard_error.fd.get(), POLLIN, 0}, pollfd{watch_interrupt ? interrupt_fd() : -1, POLLIN, 0}};
    const int ready = ::poll(polled.data(), polled.size(), wake ? milliseconds_until(*wake) : -1);
    if (ready < 0 && errno != EINTR) return;
    if (ready > 0) {
      if (polled[1].revents != 0) standard_output.read_some(buffer);
      if (polled[2].revents != 0) standard_error.read_some(buffer);
      if (polled[0].revents != 0) return;
      if (polled[3].revents != 0) {
        watch_interrupt = false;
        if (!ending.reason) ending.begin(Interrupted{}, child.pid);
      }
    }
    if (wake && SteadyClock::now() >= *wake) {
      if (ending.reason) {
        ::kill(-child.pid, SIGKILL);
        ending.force_at = SteadyClock::now() + k_grace;
      } else {
        ending.begin(TimedOut{}, child.pid);
      }
    }
  }
}

void drain(Output& output) {
  std::string buffer(1U << 16U, '\0');
  const auto limit = SteadyClock::now() + k_drain_limit;
  while (output.fd.valid()) {
    pollfd polled{output.fd.get(), POLLIN, 0};
    const int ready = ::poll(&polled, 1, milliseconds_until(limit));
    if (ready > 0) output.read_some(buffer);
    if (ready == 0 || (ready < 0 && errno != EINTR) || SteadyClock::now() >= limit) break;
  }
  output.flush();
}

}  // namespace

Result<Finished> run(const Command& command) {
  if (interrupted()) return Finished{.termination = Interrupted{}, .started = wall_now()};
  BUILDLAB_ASSIGN(Fd input, input_from(command.input));
  BUILDLAB_ASSIGN(Pipe out, make_pipe());
  BUILDLAB_ASSIGN(Pipe err, make_pipe());

  Finished finished{.termination = Exited{}, .started = wall_now()};
  const auto begun = SteadyClock::now();
  BUILDLAB_ASSIGN(Launched child, launch(Launch{.argv = command.argv,
                                                .environment = command.environment,
                                                .unset = command.unset,
                                                .directory = command.directory,
                                                .standard_input = input.get(),
                                                .standard_output = out.write.get(),
                                                .standard_error = err.write.get()}));
  out.write = Fd();
  err.write = Fd();

  Output standard_output{std::move(out.read), command.on_stdout_line, command.keep_stdout};
  Output standard_error{std::move(err.read), command.on_stderr_line, command.keep_stderr};
  Ending ending;
  serve(child, standard_output, standard_error, command.timeout, begun, ending);
  finished.duration = SteadyClock::now() - begun;

  Usage usage;
  const Termination natural = end_group_and_reap(child.pid, &usage);
  drain(standard_output);
  drain(standard_error);
  finished.termination = ending.reason.value_or(natural);
  finished.user_cpu = usage.user;
  finished.system_cpu = usage.system;
  finished.standard_output = std::move(standard_output.collected);
  finished.standard_error = std::move(standard_error.collected);
  return finished;
}

}  // namespace buildlab::process
