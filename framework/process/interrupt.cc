#include "framework/process/interrupt.h"

#include <sys/eventfd.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdint>

namespace buildlab::process {
namespace {

// What a signal handler may touch has to be of static storage; nothing else writes to it.
volatile std::sig_atomic_t g_interrupted = 0;
volatile std::sig_atomic_t g_descriptor = -1;

void on_signal(int) {
  const int saved = errno;
  g_interrupted = 1;
  const std::uint64_t one = 1;
  if (g_descriptor >= 0) [[maybe_unused]]
    const auto written = ::write(g_descriptor, &one, sizeof one);
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  errno = saved;
}

}  // namespace

void catch_interrupts() {
  if (g_descriptor < 0) g_descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigfillset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
  return g_interrupted != 0;
}
int interrupt_fd() {
  return g_descriptor;
}

}  // namespace buildlab::process
