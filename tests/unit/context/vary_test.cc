#include "framework/context/vary.h"

#include <dirent.h>
#include <unistd.h>

#include "framework/base/time.h"
#include "tests/unit/context/folder_fixture.h"

namespace buildlab::context {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class Vary : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    for (int i = 0; i < 20; ++i) write("src/" + std::to_string(i), "content");
    write("src/deep/run.sh", "#!/bin/sh\n");
    fs::create_symlink("nowhere", source() / "src/link");
    ASSERT_EQ(::chmod((source() / "src/deep/run.sh").c_str(), 0755), 0);
    ASSERT_EQ(::chmod((source() / "src/0").c_str(), 0444), 0);
    ASSERT_EQ(::chmod((source() / "src/1").c_str(), 04755), 0);
  }
  fs::path varied() const { return m_temp->path() / "varied"; }

  CopyRefusals made(const CopyChanges& changes) {
    const auto refusals = copy_varied(source(), varied(), changes);
    EXPECT_TRUE(refusals) << (refusals ? "" : refusals.error().message);
    EXPECT_EQ(tree(varied()), tree(source()));
    EXPECT_EQ(read(varied() / "src/deep/run.sh"), "#!/bin/sh\n");
    EXPECT_EQ(fs::read_symlink(varied() / "src/link"), "nowhere");
    return refusals ? *refusals : CopyRefusals{};
  }
  mode_t mode(const std::string& path) { return info(varied() / path).st_mode & 07777U; }
};

TEST_F(Vary, NothingIsThePlainCopy) {
  made({});
  EXPECT_EQ(info(varied()).st_mode, info(source()).st_mode);
  for (const std::string& path : tree(source())) {
    SCOPED_TRACE(path);
    EXPECT_EQ(info(varied() / path).st_mode, info(source() / path).st_mode);
    EXPECT_EQ(mtime_ns(varied() / path), mtime_ns(source() / path));
    EXPECT_EQ(info(varied() / path).st_uid, info(source() / path).st_uid);
  }
}

TEST_F(Vary, TheUmaskGivesTheGroupWhatTheOwnerMay) {
  EXPECT_THAT(made({.umask = true}).umask, IsEmpty());
  EXPECT_EQ(mode("src/2"), (info(source() / "src/2").st_mode & 07777U) | 0020U);
  EXPECT_EQ(mode("src/deep/run.sh"), 0775U);
  EXPECT_EQ(mode("src/deep"), (info(source() / "src/deep").st_mode & 07777U) | 0020U);
  EXPECT_EQ(mode("src/0"), 0444U) << "what nobody may write is no matter of the umask";
  EXPECT_EQ(mode("src/1"), 04775U);
  EXPECT_EQ(mtime_ns(varied() / "src/2"), mtime_ns(source() / "src/2"));
}

TEST_F(Vary, TheUmaskTakesWhereTheGroupHasIt) {
  for (const std::string& path : tree(source())) {
    if (!fs::is_symlink(source() / path)) {
      const mode_t was = info(source() / path).st_mode & 07777U;
      ASSERT_EQ(::chmod((source() / path).c_str(), (was & 0200U) != 0 ? was | 0020U : was), 0);
    }
  }
  made({.umask = true});
  EXPECT_EQ(mode("src/deep/run.sh"), 0755U);
  EXPECT_EQ(mode("src/2") & 0020U, 0U);
}

TEST_F(Vary, TheUmaskIsRefusedWhereItWouldChangeNothing) {
  for (const std::string& path : tree(source())) {
    if (fs::is_symlink(source() / path)) continue;
    ASSERT_EQ(::chmod((source() / path).c_str(), 0555), 0);
  }
  EXPECT_THAT(made({.umask = true}).umask, HasSubstr("no file that its owner may write"));
}

TEST_F(Vary, TimesAreThoseOfAnotherCheckout) {
  const std::int64_t epoch = 1'000'000'000;
  made({.times = true, .epoch = epoch});
  const std::int64_t time = mtime_ns(varied() / "src/2");
  EXPECT_GT(time, epoch * 1'000'000'000) << "rewriting of timestamps only lowers later ones";
  EXPECT_LT(time, wall_now().time_since_epoch().count()) << "make warns of files in the future";
  for (const std::string& path : tree(source())) EXPECT_EQ(mtime_ns(varied() / path), time) << path;
  EXPECT_NE(mtime_ns(source() / "src/2"), time);
}

TEST_F(Vary, TheOwnerChangesAndModesStay) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  made({.owner = true});
  EXPECT_NE(info(varied() / "src/2").st_uid, info(source() / "src/2").st_uid);
  EXPECT_NE(info(varied() / "src/link").st_gid, info(source() / "src/link").st_gid);
  EXPECT_EQ(mode("src/1"), 04755U);
}

TEST_F(Vary, TheOrderIsAnotherOrThatIsSaid) {
  const auto names = [](const fs::path& folder) {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder)) found.push_back(entry.path().filename());
    return found;
  };
  const std::string refusal = made({.order = true}).order;
  EXPECT_EQ(refusal.empty(),
            names(source() / "src") != names(varied() / "src") || names(source()) != names(varied()))
      << refusal;
}

TEST_F(Vary, AnExistingDestinationIsAnError) {
  made({});
  EXPECT_FALSE(copy_varied(source(), varied(), {}));
}

}  // namespace
}  // namespace buildlab::context
