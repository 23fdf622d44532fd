#include "framework/engine/ownership.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <thread>

#include "environment.h"
#include "framework/base/json.h"
#include "framework/engine/builder.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Leftovers : public testing::Test {
 protected:
  TempDir m_dir = std::move(*TempDir::create(fs::temp_directory_path(), "buildlab-test-"));
  ScopedVariable m_cache{"BUILDLAB_CACHE", (m_dir.path() / "cache").c_str()};

  Belongings belongings() const {
    return {.id = "0123456789ab",
            .sockets = m_dir.path() / "run" / "0123456789ab",
            .scratch = m_dir.path() / "roots" / "0123456789ab",
            .cgroup = "buildlab-test-0123456789ab",
            .daemon = std::nullopt};
  }
  void make(const Belongings& own) const {
    fs::create_directories(own.sockets);
    fs::create_directories(*own.scratch / "sub");
  }
  // A note as a process leaves it that a power cut ended: nobody holds its lock, no guard ran.
  void leave_note(const Belongings& own, const std::string& daemon) const {
    const Json note{{"schema_version", 1},
                    {"id", own.id},
                    {"sockets", own.sockets.string()},
                    {"scratch", own.scratch->string()},
                    {"cgroup", own.cgroup},
                    {"daemon", Json::parse(daemon)}};
    ASSERT_TRUE(write_file_atomic(m_dir.path() / "cache/builders/0123456789ab.lock", to_line(note) + "\n"));
  }
};

TEST_F(Leftovers, AreRemovedAfterAPowerCut) {
  make(belongings());
  leave_note(belongings(), "null");
  const fs::path scratch = m_dir.path() / "cache/scratch";
  fs::create_directories(scratch / "resolve-4194999-abc");
  fs::last_write_time(scratch / "resolve-4194999-abc",
                      fs::file_time_type::clock::now() - std::chrono::minutes(11));
  fs::create_directories(scratch / "resolve-4194999-new");  // of a container that shares the folder, perhaps
  const auto removed = sweep_leftovers();
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->size(), 2U);
  EXPECT_FALSE(fs::exists(belongings().sockets));
  EXPECT_FALSE(fs::exists(*belongings().scratch));
  EXPECT_TRUE(fs::exists(scratch / "resolve-4194999-new"));
  EXPECT_TRUE(fs::is_empty(m_dir.path() / "cache/builders"));
  EXPECT_TRUE(sweep_leftovers()->empty());
}

TEST_F(Leftovers, OfALivingOwnerAreLeftAlone) {
  auto own = Ownership::take(belongings());
  ASSERT_TRUE(own) << own.error().message;
  make(belongings());
  EXPECT_TRUE(sweep_leftovers()->empty());
  EXPECT_TRUE(fs::exists(belongings().sockets));
  ASSERT_TRUE(own->release());
  EXPECT_FALSE(fs::exists(belongings().sockets));
  EXPECT_FALSE(fs::exists(*belongings().scratch));
  EXPECT_TRUE(fs::is_empty(m_dir.path() / "cache/builders"));
}

TEST_F(Leftovers, EndOnlyTheVeryProcessThatWasWrittenDown) {
  auto child = process::Child::start({.argv = {"sleep", "86441"}});
  ASSERT_TRUE(child);
  const auto identity = identify((*child)->pid());
  ASSERT_TRUE(identity);
  const auto note = [&](const std::string& started) {
    return to_line(Json{{"pid", identity->pid}, {"started", started}, {"boot", identity->boot}});
  };
  make(belongings());
  leave_note(belongings(), note("1"));  // the number was given to another process since
  ASSERT_TRUE(sweep_leftovers());
  EXPECT_FALSE((*child)->wait(50ms));
  leave_note(belongings(), note(identity->started));
  ASSERT_TRUE(sweep_leftovers());
  EXPECT_TRUE((*child)->wait(2s));
}

TEST_F(Leftovers, OfADamagedNoteNameNoOtherPath) {
  Belongings own = belongings();
  make(own);
  const fs::path precious = m_dir.path() / "precious";
  fs::create_directories(precious);
  own.scratch = precious;
  leave_note(own, "null");
  EXPECT_TRUE(sweep_leftovers());
  EXPECT_TRUE(fs::exists(precious));
  ASSERT_TRUE(write_file_atomic(m_dir.path() / "cache/builders/x.lock", "{\"id\": cut"));
  EXPECT_TRUE(sweep_leftovers());
}

TEST_F(Leftovers, OfAKilledOwnerAreRemovedByItsGuardAtOnce) {
  const pid_t owner = ::fork();
  if (owner == 0) {
    auto own = Ownership::take(belongings());
    make(belongings());
    ::kill(::getpid(), own ? SIGKILL : SIGTERM);
    ::pause();
  }
  int status = 0;
  ::waitpid(owner, &status, 0);
  ASSERT_EQ(WTERMSIG(status), SIGKILL);
  const auto until = SteadyClock::now() + 10s;
  const auto note = m_dir.path() / "cache/builders/0123456789ab.lock";
  while (SteadyClock::now() < until && (fs::exists(note) || fs::exists(belongings().sockets))) {
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_FALSE(fs::exists(note));
  EXPECT_FALSE(fs::exists(belongings().sockets));
  EXPECT_FALSE(fs::exists(*belongings().scratch));
}

TEST(ProcessIdentity, IsNoneForNobodyAndTheSameForOne) {
  EXPECT_EQ(identify(::getpid()), identify(::getpid()));
  EXPECT_TRUE(identify(::getpid()));
  EXPECT_FALSE(identify(0));
  EXPECT_FALSE(identify(4194999));
}

}  // namespace
}  // namespace buildlab::engine
