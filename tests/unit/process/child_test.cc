#include "framework/process/child.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <thread>

#include "framework/base/file.h"

namespace buildlab::process {
namespace {

using namespace std::chrono_literals;

bool runs(pid_t pid) {
  const auto stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  return stat && stat->find(") Z ") == std::string::npos;
}

bool gone_within(pid_t pid, Nanoseconds limit) {
  const auto until = SteadyClock::now() + limit;
  while (runs(pid) && SteadyClock::now() < until) std::this_thread::sleep_for(2ms);
  return !runs(pid);
}

TEST(Child, LivesUntilItIsEnded) {
  auto child = Child::start({.argv = {"sleep", "86421"}});
  ASSERT_TRUE(child);
  const pid_t pid = (*child)->pid();
  EXPECT_TRUE(runs(pid));
  EXPECT_FALSE((*child)->ended());
  EXPECT_FALSE((*child)->wait(20ms));
  (*child)->signal_group(SIGTERM);
  const auto termination = (*child)->wait(5s);
  ASSERT_TRUE(termination);
  EXPECT_EQ(std::get<Signalled>(*termination).signal, SIGTERM);
  (*child)->signal_group(SIGKILL);  // nothing there any more: must not reach anyone
}

TEST(Child, TakesItsWholeGroupAlongAtTheEndOfItsLife) {
  const auto dir = TempDir::create(std::filesystem::temp_directory_path(), "buildlab-test-");
  const auto log = dir->path() / "log";
  pid_t grandchild = 0;
  {
    auto child = Child::start({.argv = {"sh", "-c", "sleep 86422 & echo $!; wait"}, .log = log});
    ASSERT_TRUE(child);
    for (int i = 0; i < 500 && grandchild == 0; ++i) {
      std::this_thread::sleep_for(2ms);
      grandchild = std::atoi(read_file(log).value_or("").c_str());
    }
    ASSERT_TRUE(runs(grandchild));
  }
  EXPECT_TRUE(gone_within(grandchild, 1s));
}

TEST(Child, WritesBothOutputsToItsLogAndReadsItsInput) {
  const auto dir = TempDir::create(std::filesystem::temp_directory_path(), "buildlab-test-");
  auto child = Child::start({.argv = {"sh", "-c", "read -r a; echo $a; echo err >&2; cat >/dev/null; exit 3"},
                             .log = dir->path() / "log"});
  ASSERT_TRUE(child);
  EXPECT_TRUE((*child)->write_input("hello\n"));
  EXPECT_FALSE((*child)->wait(50ms));
  (*child)->close_input();
  EXPECT_EQ(std::get<Exited>((*child)->wait(5s).value()).code, 3);
  EXPECT_EQ(read_file(dir->path() / "log").value(), "hello\nerr\n");
  EXPECT_FALSE((*child)->write_input("nobody reads\n"));
}

TEST(Child, SaysWhenItCannotBeStarted) {
  EXPECT_FALSE(Child::start({.argv = {"no-such-program-here"}}));
  EXPECT_FALSE(Child::start({.argv = {"sleep", "1"}, .log = "/no/such/folder/log"}));
}

TEST(Child, OutlivesTheThreadThatAskedForIt) {
  std::unique_ptr<Child> child;
  std::thread([&child] { child = std::move(*Child::start({.argv = {"sleep", "86423"}})); }).join();
  std::this_thread::sleep_for(50ms);
  EXPECT_TRUE(runs(child->pid()));
}

// A process of its own starts the child, tells its pid and is killed by force.
pid_t pid_of_child_whose_parent_is_killed(OnOurDeath on_our_death) {
  int ends[2];
  if (::pipe(ends) != 0) return -1;
  const pid_t parent = ::fork();
  if (parent == 0) {
    auto child = Child::start({.argv = {"sleep", "30"}, .on_our_death = on_our_death});
    const pid_t pid = child ? (*child)->pid() : -1;
    if (::write(ends[1], &pid, sizeof pid) < 0) ::_exit(1);
    ::pause();
  }
  pid_t pid = -1;
  const bool got = ::read(ends[0], &pid, sizeof pid) == sizeof pid;
  ::close(ends[0]);
  ::close(ends[1]);
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  return got ? pid : -1;
}

TEST(Child, DiesWithUsEvenWhenWeAreKilled) {
  const pid_t pid = pid_of_child_whose_parent_is_killed(OnOurDeath::dies);
  ASSERT_GT(pid, 0);
  EXPECT_TRUE(gone_within(pid, 1s));
}

TEST(Child, OutlivesUsWhereThatIsItsTask) {
  const pid_t pid = pid_of_child_whose_parent_is_killed(OnOurDeath::outlives);
  ASSERT_GT(pid, 0);
  EXPECT_FALSE(gone_within(pid, 100ms));
  ::kill(pid, SIGKILL);
}

}  // namespace
}  // namespace buildlab::process
