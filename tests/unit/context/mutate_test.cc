#include "framework/context/mutate.h"

#include <algorithm>

#include "tests/unit/context/folder_fixture.h"

namespace buildlab::context {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace scenario;  // the mutations

class Mutate : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    write("src/main.cpp", "int main() {}");
    write("src/data.json", "{\"a\": 1}\n");
    write("page.html", "<p>\n");
    let_times_pass();
    refreshed();
    m_pristine = everything(source());
  }
  // The user's tree is never written.
  void TearDown() override { EXPECT_EQ(everything(source()), m_pristine); }

  static std::vector<std::string> everything(const fs::path& root) {
    std::vector<std::string> all;
    for (const std::string& path : tree(root)) {
      const fs::path full = root / path;
      all.push_back(path + " " + std::to_string(info(full).st_mode) + " " + std::to_string(mtime_ns(full)) +
                    (fs::is_regular_file(full) ? read(full) : ""));
    }
    return all;
  }

  Result<Applied> apply(const std::vector<Mutation>& mutations, std::string_view token = "T-1") {
    return apply_mutations(mutations, copy(), source(), m_temp->path(), token);
  }
  Applied applied(const std::vector<Mutation>& mutations, std::string_view token = "T-1") {
    auto result = apply(mutations, token);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result.value_or(Applied{});
  }
  std::string error_of(const std::vector<Mutation>& mutations) {
    const auto result = apply(mutations);
    if (result) return "no error";
    EXPECT_EQ(result.error().kind, ErrorKind::usage);
    return result.error().message;
  }

  std::vector<std::string> m_pristine;
};

TEST_F(Mutate, AppendAddsACommentInTheFilesLanguage) {
  const Applied result =
      applied({AppendText{"src/main.cpp", {}}, AppendText{"page.html", {}}, AppendText{"Dockerfile", {}}});
  EXPECT_EQ(read(copy() / "src/main.cpp"), "int main() {}\n// build-lab T-1\n");
  EXPECT_EQ(read(copy() / "page.html"), "<p>\n<!-- build-lab T-1 -->\n");
  EXPECT_EQ(read(copy() / "Dockerfile"), "FROM scratch\n# build-lab T-1\n");
  EXPECT_THAT(result.paths, ElementsAre("src/main.cpp", "page.html", "Dockerfile"));
  EXPECT_EQ(result.description, "append src/main.cpp, append page.html, append Dockerfile");
}

TEST_F(Mutate, IterationsDoNotPileUpAndAlwaysHaveANewTime) {
  std::vector<std::int64_t> times{mtime_ns(copy() / "src/main.cpp")};
  for (int i = 1; i <= 5; ++i) {
    applied({AppendText{"src/main.cpp", {}}}, "T-" + std::to_string(i));
    EXPECT_EQ(read(copy() / "src/main.cpp"), "int main() {}\n// build-lab T-" + std::to_string(i) + "\n");
    times.push_back(mtime_ns(copy() / "src/main.cpp"));
  }
  std::sort(times.begin(), times.end());
  EXPECT_EQ(std::unique(times.begin(), times.end()), times.end());
}

TEST_F(Mutate, TextsCarryTheTokenOrAreFollowedByIt) {
  applied({AppendText{"src/main.cpp", " // {token}{token}"}});
  EXPECT_EQ(read(copy() / "src/main.cpp"), "int main() {} // T-1T-1");
  applied({AppendText{"src/main.cpp", "int x;"}});
  EXPECT_EQ(read(copy() / "src/main.cpp"), "int main() {}int x;\n// build-lab T-1\n");
  applied({AppendText{"src/data.json", " "}});
  EXPECT_EQ(read(copy() / "src/data.json"), "{\"a\": 1}\n ");
}

TEST_F(Mutate, AppendToAFileWithoutCommentsIsRefusedWithAWayOut) {
  const auto result = apply({AppendText{"src/data.json", {}}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "input_mutation: append src/data.json: it is not known how a comment looks in such a file");
  EXPECT_THAT(result.error().details, ElementsAre(HasSubstr("{token}")));
}

TEST_F(Mutate, ReplaceChangesEveryOccurrenceAndNeedsOne) {
  applied({ReplaceText{"src/data.json", "1", "\"{token}\""}});
  EXPECT_EQ(read(copy() / "src/data.json"), "{\"a\": \"T-1\"}\n");
  applied({ReplaceText{"src/main.cpp", "n", "nn"}});
  EXPECT_EQ(read(copy() / "src/main.cpp"), "innt mainn() {}\n// build-lab T-1\n");
  EXPECT_THAT(error_of({ReplaceText{"src/main.cpp", "xyz", ""}}), HasSubstr("\"xyz\" does not occur"));
}

TEST_F(Mutate, TouchChangesTheTimeAndChmodTheModeAlone) {
  const auto time = mtime_ns(copy() / "src/main.cpp");
  applied({Touch{"src/main.cpp"}});
  EXPECT_NE(mtime_ns(copy() / "src/main.cpp"), time);
  EXPECT_EQ(read(copy() / "src/main.cpp"), "int main() {}");
  applied({Chmod{"src/main.cpp", 0700}});
  EXPECT_EQ(info(copy() / "src/main.cpp").st_mode & 07777U, 0700U);
  EXPECT_EQ(mtime_ns(copy() / "src/main.cpp"), time);
  const std::uint32_t same = info(source() / "page.html").st_mode & 07777U;
  EXPECT_THAT(error_of({Chmod{"page.html", same}}), HasSubstr("has the mode"));
}

TEST_F(Mutate, AddedRenamedAndDeletedFilesAreTakenBackNextTime) {
  const std::vector<Mutation> mutations = {AddFile{"src/new.cpp", {}}, Rename{"page.html", "web/index.html"},
                                           Delete{"src/data.json"}};
  for (const std::string token : {"T-1", "T-2"}) {
    const Applied result = applied(mutations, token);
    EXPECT_EQ(read(copy() / "src/new.cpp"), "// build-lab " + token + "\n");
    EXPECT_EQ(read(copy() / "web/index.html"), "<p>\n");
    EXPECT_FALSE(fs::exists(copy() / "page.html"));
    EXPECT_FALSE(fs::exists(copy() / "src/data.json"));
    EXPECT_THAT(result.paths, ElementsAre("src/new.cpp", "page.html", "web/index.html", "src/data.json"));
  }
  refreshed();
  EXPECT_EQ(everything(copy()), everything(source()));
}

TEST_F(Mutate, AWholeFolderCanBeDeletedAndComesBack) {
  applied({Delete{"src"}});
  EXPECT_FALSE(fs::exists(copy() / "src"));
  applied({Rename{"src", "lib"}});
  EXPECT_EQ(read(copy() / "lib/main.cpp"), "int main() {}");
  applied({Touch{"src"}});
  EXPECT_EQ(read(copy() / "src/main.cpp"), "int main() {}");
}

TEST_F(Mutate, PathsNeverLeaveTheCopyNotEvenThroughLinks) {
  ASSERT_TRUE(write_file_atomic(m_temp->path() / "outside", "safe"));
  fs::create_symlink("../outside", copy() / "link");
  fs::create_directory_symlink("..", copy() / "folder");
  EXPECT_THAT(error_of({AppendText{"../outside", "x"}}), HasSubstr("leads out of the context"));
  EXPECT_THAT(error_of({AddFile{"folder/new", "x"}}), HasSubstr("leads out of the context"));
  EXPECT_THAT(error_of({RunCommand{{"ln", "-sf", "../outside", "link"}}, AppendText{"link", "x"}}),
              HasSubstr("leads out of the context"));
  EXPECT_EQ(read(m_temp->path() / "outside"), "safe");
}

TEST_F(Mutate, BuildArgsCarryTheToken) {
  const Applied result = applied({SetBuildArg{"SHA", "v-{token}"}}, "T-9");
  EXPECT_EQ(result.build_args.at("SHA"), "v-T-9");
}

TEST_F(Mutate, APatchIsAppliedWithTheToken) {
  ASSERT_TRUE(write_file_atomic(m_temp->path() / "x.patch",
                                "--- a/page.html\n+++ b/page.html\n@@ -1 +1,2 @@\n <p>\n+{token}\n"));
  const Applied result = applied({ApplyPatch{"x.patch"}});
  EXPECT_EQ(read(copy() / "page.html"), "<p>\nT-1\n");
  EXPECT_THAT(result.paths, ElementsAre("page.html"));
  EXPECT_THAT(error_of({ApplyPatch{"x.patch"}, ApplyPatch{"x.patch"}}), HasSubstr("x.patch failed"));
  ASSERT_TRUE(write_file_atomic(m_temp->path() / "out.patch", "--- a/../x\n+++ b/../x\n@@ -0,0 +1 @@\n+x\n"));
  EXPECT_THAT(error_of({ApplyPatch{"out.patch"}}), HasSubstr("leads out of the context"));
  EXPECT_THAT(error_of({ApplyPatch{"none.patch"}}), HasSubstr("none.patch"));
}

TEST_F(Mutate, ACommandRunsInTheCopy) {
  applied({RunCommand{{"sh", "-c", "echo $BUILDLAB_TOKEN $1 > made", "sh", "{token}"}}});
  EXPECT_EQ(read(copy() / "made"), "T-1 T-1\n");
  const auto failed = apply({RunCommand{{"sh", "-c", "echo why >&2; exit 3"}}});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("exit code 3"));
  EXPECT_THAT(failed.error().details, ElementsAre("why"));
}

TEST_F(Mutate, WithoutAnIndexTheUsersTreeSaysWhatIsPristine) {
  fs::remove(copy().string() + ".index");
  applied({AppendText{"src/main.cpp", {}}, AddFile{"n.cpp", {}}}, "T-1");
  applied({AppendText{"src/main.cpp", {}}, AddFile{"n.cpp", {}}}, "T-2");
  EXPECT_EQ(read(copy() / "src/main.cpp"), "int main() {}\n// build-lab T-2\n");
  EXPECT_EQ(read(copy() / "n.cpp"), "// build-lab T-2\n");
}

TEST_F(Mutate, WhatIsIgnoredCannotBeMutated) {
  EXPECT_THAT(error_of({AppendText{"none.cpp", {}}}),
              HasSubstr("\"none.cpp\" is not in the context that the builder gets"));
  EXPECT_THAT(error_of({AddFile{"src", "x"}, AddFile{"src", "x"}}), HasSubstr("is there already"));
}

}  // namespace
}  // namespace buildlab::context
