#include "framework/process/interrupt.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <thread>

#include "framework/process/command.h"

namespace buildlab::process {
namespace {

using namespace std::chrono_literals;

// In a process of its own, because the note that an interrupt came stays.
int exit_code_of(int (*body)()) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(Interrupt, EndsARunningCommandAndStartsNoOther) {
  EXPECT_EQ(exit_code_of([] {
              catch_interrupts();
              std::thread later([] {
                std::this_thread::sleep_for(100ms);
                ::kill(::getpid(), SIGTERM);
              });
              const auto finished = run(Command{.argv = {"sleep", "86431"}});
              later.join();
              if (!finished || !std::holds_alternative<Interrupted>(finished->termination)) return 1;
              if (finished->duration > 2s) return 2;
              if (!interrupted()) return 3;
              const auto next = run(Command{.argv = {"sleep", "86431"}});
              return next && std::holds_alternative<Interrupted>(next->termination) ? 0 : 4;
            }),
            0);
}

TEST(Interrupt, ReachesAllThreadsThatRunCommands) {
  EXPECT_EQ(exit_code_of([] {
              catch_interrupts();
              int results[2] = {0, 0};
              const auto body = [&results](int index) {
                const auto finished = run(Command{.argv = {"sleep", "86432"}});
                results[index] =
                    finished && std::holds_alternative<Interrupted>(finished->termination) ? 1 : 2;
              };
              std::thread first(body, 0);
              std::thread second(body, 1);
              std::this_thread::sleep_for(100ms);
              ::kill(::getpid(), SIGINT);
              first.join();
              second.join();
              return results[0] == 1 && results[1] == 1 ? 0 : 1;
            }),
            0);
}

TEST(Interrupt, TheSecondSignalEndsTheProcess) {
  EXPECT_EQ(exit_code_of([] {
              catch_interrupts();
              ::raise(SIGINT);
              if (!interrupted()) return 1;
              ::raise(SIGINT);
              return 0;
            }),
            128 + SIGINT);
}

}  // namespace
}  // namespace buildlab::process
