#include "framework/process/command.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "framework/base/file.h"
#include "framework/base/text.h"

namespace buildlab::process {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

Command shell(std::string script) {
  return Command{.argv = {"sh", "-c", std::move(script)}};
}

// No other than the test's own words, so that it is found in /proc without a doubt.
bool someone_runs(const std::string& word) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    if (text.find(word) != std::string::npos && entry.path().filename() != std::to_string(::getpid()))
      return true;
  }
  return false;
}

TEST(RunCommand, KeepsBothOutputsAndTheExitCode) {
  const auto finished = run(shell("echo out; echo err >&2; exit 7"));
  ASSERT_TRUE(finished);
  EXPECT_EQ(std::get<Exited>(finished->termination).code, 7);
  EXPECT_EQ(finished->standard_output, "out\n");
  EXPECT_EQ(finished->standard_error, "err\n");
  EXPECT_FALSE(succeeded(finished->termination));
  EXPECT_EQ(to_string(finished->termination), "exit code 7");
}

TEST(RunCommand, PassesArgumentsAsTheyAre) {
  const auto finished = run(Command{.argv = {"printf", "%s|", "a b", "$(id)", "'\"", "*", ""}});
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->standard_output, "a b|$(id)|'\"|*||");
}

TEST(RunCommand, SetsReplacesAndRemovesVariablesAndTheFolder) {
  ASSERT_EQ(::setenv("BUILDLAB_TEST_GONE", "1", 1), 0);
  ASSERT_EQ(::setenv("BUILDLAB_TEST_NEW", "old", 1), 0);
  Command command = shell("echo ${BUILDLAB_TEST_GONE-none} $BUILDLAB_TEST_NEW; pwd");
  command.environment = {{"BUILDLAB_TEST_NEW", "new"}};
  command.unset = {"BUILDLAB_TEST_GONE"};
  command.directory = "/usr";
  EXPECT_EQ(run(command)->standard_output, "none new\n/usr\n");
}

TEST(RunCommand, GivesLinesAsTheyComeAndTheUnfinishedOneToo) {
  std::vector<std::string> lines;
  Command command = shell("printf 'one\\n\\ntw'; sleep 0.05; printf 'o\\nlast'");
  command.on_stdout_line = [&](std::string_view line) { lines.emplace_back(line); };
  command.keep_stdout = false;
  const auto finished = run(command);
  ASSERT_TRUE(finished);
  EXPECT_THAT(lines, ElementsAre("one", "", "two", "last"));
  EXPECT_EQ(finished->standard_output, "");
}

TEST(RunCommand, TakesHugeOutputOnBothSidesAtOnceAndHugeInput) {
  Command command = shell("head -c 20000000 /dev/zero >&2 & cat; wait");
  command.input = std::string(10'000'000, 'x');
  const auto finished = run(command);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->standard_output, command.input);
  EXPECT_EQ(finished->standard_error.size(), 20'000'000U);
}

TEST(RunCommand, SurvivesAProgramThatDoesNotReadItsInput) {
  Command command = shell("exec 0<&-; exit 0");
  command.input = std::string(10'000'000, 'x');
  EXPECT_TRUE(succeeded(run(command)->termination));
}

TEST(RunCommand, TellsTheSignalThatEndedIt) {
  const auto finished = run(shell("kill -9 $$"));
  ASSERT_TRUE(finished);
  EXPECT_EQ(std::get<Signalled>(finished->termination).signal, SIGKILL);
  EXPECT_EQ(to_string(finished->termination), "signal 9 (Killed)");
}

TEST(RunCommand, SaysWhatIsMissingWhenItCannotStart) {
  const auto missing = run(Command{.argv = {"no-such-program-here"}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::infrastructure);
  EXPECT_NE(missing.error().message.find("no-such-program-here"), std::string::npos);
  EXPECT_FALSE(run(Command{.argv = {"/etc/passwd"}}));
  EXPECT_FALSE(run(Command{}));
  EXPECT_FALSE(run(Command{.argv = {"echo", std::string("a\0b", 3)}}));
  Command elsewhere = shell("pwd");
  elsewhere.directory = "/no/such/folder";
  const auto folder = run(elsewhere);
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().message.find("/no/such/folder"), std::string::npos);
}

TEST(RunCommand, LeavesNoZombieWhenTheFileIsNoProgram) {
  auto dir = TempDir::create(std::filesystem::temp_directory_path(), "buildlab-test-");
  const auto path = dir->path() / "broken";
  ASSERT_TRUE(write_file_atomic(path,
                                "\x7f"
                                "ELF but not really"));
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  const auto finished = run(Command{.argv = {path.string()}});
  ASSERT_FALSE(finished);
  EXPECT_NE(finished.error().message.find("broken"), std::string::npos);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child was left";
}

TEST(RunCommand, EndsTheWholeGroupAtTheDeadline) {
  Command command = shell("sleep 86411 & sleep 86411");
  command.timeout = 150ms;
  const auto finished = run(command);
  ASSERT_TRUE(finished);
  EXPECT_TRUE(std::holds_alternative<TimedOut>(finished->termination));
  EXPECT_LT(finished->duration, 900ms);
  EXPECT_FALSE(someone_runs("86411"));
}

TEST(RunCommand, ForcesWhatIgnoresTheSoftEnd) {
  Command command = shell("trap '' TERM; while :; do sleep 0.05; done");
  command.timeout = 100ms;
  const auto finished = run(command);
  ASSERT_TRUE(finished);
  EXPECT_TRUE(std::holds_alternative<TimedOut>(finished->termination));
  EXPECT_LT(finished->duration, 3s);
}

TEST(RunCommand, EndsWhatTheProgramLeftInItsGroup) {
  const auto finished = run(shell("sleep 86412 >/dev/null 2>&1 & exit 0"));
  ASSERT_TRUE(finished);
  EXPECT_TRUE(succeeded(finished->termination));
  EXPECT_FALSE(someone_runs("86412"));
}

TEST(RunCommand, DoesNotWaitForAPipeHeldByAProcessThatLeftTheGroup) {
  const auto begun = SteadyClock::now();
  const auto finished = run(shell("setsid sleep 5 & echo done"));
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->standard_output, "done\n");
  EXPECT_LT(SteadyClock::now() - begun, 3s);
}

TEST(RunCommand, HandsNoDescriptorToTheChild) {
  const int fd = ::open("/dev/null", O_RDONLY);  // deliberately without O_CLOEXEC
  ASSERT_GE(fd, 0);
  EXPECT_EQ(run(shell("ls /proc/$$/fd | tr '\\n' ' '"))->standard_output.substr(0, 6), "0 1 2 ");
  EXPECT_EQ(run(Command{.argv = {"test", "-e", "/proc/self/fd/" + std::to_string(fd)}})->termination.index(),
            0U);
  EXPECT_EQ(std::get<Exited>(
                run(Command{.argv = {"test", "-e", "/proc/self/fd/" + std::to_string(fd)}})->termination)
                .code,
            1);
  ::close(fd);
}

TEST(RunCommand, CountsItsTimeAndCpu) {
  const auto slept = run(Command{.argv = {"sleep", "0.2"}});
  EXPECT_GE(slept->duration, 200ms);
  EXPECT_LT(slept->user_cpu + slept->system_cpu, 100ms);
  const auto busy = run(shell("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"));
  EXPECT_GT(busy->user_cpu, 10ms);
}

TEST(RunCommand, WorksFromManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&right, thread] {
      for (int round = 0; round < 10; ++round) {
        Command command = shell("read -r line; echo $line; head -c 100000 /dev/zero");
        command.input = std::to_string(thread * 100 + round) + "\n";
        const auto finished = run(command);
        if (finished && finished->standard_output.size() == command.input.size() + 100000 &&
            finished->standard_output.starts_with(command.input)) {
          ++right;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 80);
}

TEST(FindProgram, FollowsPathAsAShellDoes) {
  EXPECT_TRUE(find_program("sh"));
  EXPECT_EQ(find_program("/bin/sh"), std::filesystem::path("/bin/sh"));
  EXPECT_FALSE(find_program(""));
  EXPECT_FALSE(find_program("/etc"));
  EXPECT_FALSE(find_program("no-such-program-here"));
}

}  // namespace
}  // namespace buildlab::process
