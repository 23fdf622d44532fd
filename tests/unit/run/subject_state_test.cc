#include "framework/run/subject_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "framework/base/file.h"
#include "framework/process/command.h"

namespace buildlab::run {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

class Epoch : public ::testing::Test {
 protected:
  Epoch() {
    EXPECT_TRUE(write_file_atomic(m_dir.path() / "Dockerfile", "FROM scratch\n"));
    m_subject.name = "app";
    m_subject.context = m_dir.path();
    m_subject.dockerfile = "Dockerfile";
    m_subject.set_source_date_epoch = true;
  }
  void git(std::vector<std::string> arguments) const {
    std::vector<std::string> argv{"git",         "-C", m_dir.path().string(), "-c",
                                  "user.name=a", "-c", "user.email=a@b"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    process::Command command{.argv = argv};
    command.environment = {{"GIT_COMMITTER_DATE", "1700000000 +0000"}};
    const auto done = process::run(command);
    ASSERT_TRUE(done && process::succeeded(done->termination)) << done->standard_error;
  }
  void commit() const {
    git({"init", "--quiet"});
    git({"add", "."});
    git({"commit", "--quiet", "-m", "one"});
  }
  SubjectState state() const { return read_subject(m_subject, m_dir.path() / "buildlab.json").value(); }

  TempDir m_dir = std::move(*TempDir::create(fs::temp_directory_path(), "buildlab-test-"));
  scenario::Subject m_subject;
};

TEST_F(Epoch, IsZeroOutsideGitAndNothingIsSaidOfIt) {
  EXPECT_EQ(state().source_date_epoch, 0);
  EXPECT_THAT(state().notes, IsEmpty());
}

TEST_F(Epoch, IsTheLastCommitsTimeInAnotherOwnersWorkTreeToo) {
  commit();
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(m_dir.path().c_str(), 12345, 12345), 0);
    ASSERT_EQ(::chown((m_dir.path() / ".git").c_str(), 12345, 12345), 0);
  }
  EXPECT_EQ(state().source_date_epoch, 1'700'000'000);
  EXPECT_THAT(state().notes, IsEmpty());
}

TEST_F(Epoch, OfAWorkTreeThatGitCannotReadIsZeroWithTheCause) {
  fs::create_directories(m_dir.path() / ".git");
  EXPECT_EQ(state().source_date_epoch, 0);
  EXPECT_THAT(state().notes, ElementsAre(HasSubstr("SOURCE_DATE_EPOCH is 0")));
}

TEST_F(Epoch, OfAShallowCloneIsToldToBeUncertain) {
  commit();
  ASSERT_TRUE(write_file_atomic(m_dir.path() / ".git" / "shallow", ""));
  EXPECT_THAT(state().notes, ElementsAre(HasSubstr("shallow")));
}

}  // namespace
}  // namespace buildlab::run
