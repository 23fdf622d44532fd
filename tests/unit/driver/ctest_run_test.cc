// What the processes of one ctest invocation share.
#include "gates/driver/ctest_run.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "framework/base/file.h"

namespace buildlab::gates {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CtestRunFile : public ::testing::Test {
 protected:
  TempDir m_store = *TempDir::create(std::filesystem::temp_directory_path(), "ctest-run");
};

// The id of a process that has ended.
pid_t ended_process() {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  ::waitpid(pid, nullptr, 0);
  return pid;
}

TEST_F(CtestRunFile, IsAbsentWithoutSetup) {
  const auto run = read_ctest_run(m_store.path(), ::getpid());
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(*run, std::nullopt);
}

TEST_F(CtestRunFile, KeepsRunsInOrderAndTheSetupsError) {
  ASSERT_TRUE(begin_ctest_run(m_store.path(), ::getpid()));
  ASSERT_TRUE(add_run(m_store.path(), ::getpid(), "first"));
  ASSERT_TRUE(add_run(m_store.path(), ::getpid(), "second"));
  ASSERT_TRUE(add_setup_error(m_store.path(), ::getpid(),
                              Error{ErrorKind::usage, "2 problems", {"x:1: a", "x:2: b"}}));
  const auto run = read_ctest_run(m_store.path(), ::getpid());
  ASSERT_TRUE(run && *run);
  EXPECT_THAT((*run)->run_ids, ElementsAre("first", "second"));
  EXPECT_EQ((*run)->setup_error, (Error{ErrorKind::usage, "2 problems", {"x:1: a", "x:2: b"}}));
}

TEST_F(CtestRunFile, StartsEmptyEachTimeAndLeavesOtherInvocationsAlone) {
  ASSERT_TRUE(begin_ctest_run(m_store.path(), ::getppid()));
  ASSERT_TRUE(add_run(m_store.path(), ::getppid(), "other"));
  ASSERT_TRUE(begin_ctest_run(m_store.path(), ::getpid()));
  ASSERT_TRUE(add_run(m_store.path(), ::getpid(), "old"));
  ASSERT_TRUE(begin_ctest_run(m_store.path(), ::getpid()));
  EXPECT_THAT((*read_ctest_run(m_store.path(), ::getpid()))->run_ids, IsEmpty());
  EXPECT_THAT((*read_ctest_run(m_store.path(), ::getppid()))->run_ids, ElementsAre("other"));
}

TEST_F(CtestRunFile, OfAnEndedInvocationIsRemovedByTheNext) {
  const pid_t ended = ended_process();
  ASSERT_TRUE(begin_ctest_run(m_store.path(), ended));
  ASSERT_TRUE(begin_ctest_run(m_store.path(), ::getpid()));
  EXPECT_EQ(*read_ctest_run(m_store.path(), ended), std::nullopt);
}

TEST_F(CtestRunFile, IsGoneAfterTheEnd) {
  ASSERT_TRUE(begin_ctest_run(m_store.path(), ::getpid()));
  ASSERT_TRUE(end_ctest_run(m_store.path(), ::getpid()));
  EXPECT_EQ(*read_ctest_run(m_store.path(), ::getpid()), std::nullopt);
}

TEST_F(CtestRunFile, WithGarbageIsAnErrorThatNamesIt) {
  ASSERT_TRUE(begin_ctest_run(m_store.path(), ::getpid()));
  const auto file = std::filesystem::directory_iterator(m_store.path() / "ctest")->path();
  std::ofstream(file) << "no JSON\n";
  const auto run = read_ctest_run(m_store.path(), ::getpid());
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message, ::testing::HasSubstr(file.string()));
}

}  // namespace
}  // namespace buildlab::gates
