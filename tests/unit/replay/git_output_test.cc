#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/replay/git.h"
#include "framework/replay/history.h"
#include "framework/replay/parse_git.h"
#include "framework/replay/tree.h"

namespace buildlab::replay {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::string entry(const std::string& mode, const std::string& path, const std::string& size = "3") {
  const std::string type = mode == "160000" ? "commit" : "blob";
  return mode + " " + type + " " + std::string(40, 'a') + "      " + size + "\t" + path + "\0"s;
}

std::string refusal(const std::string& text, const std::string& prefix = "") {
  const auto parsed = parse_ls_tree(text, prefix);
  return parsed ? "" : parsed.error().message;
}

TEST(GitRange, TakesTwoDots) {
  const auto range = parse_range("v1..main");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->from, "v1");
  EXPECT_EQ(range->to, "main");
  EXPECT_EQ(parse_range("v1..")->to, "HEAD");
}

TEST(GitRange, RefusesWhatIsNoLineOfHistory) {
  for (const char* text : {"main", "a...b", "..b", ""}) {
    const auto range = parse_range(text);
    ASSERT_FALSE(range) << text;
    EXPECT_EQ(range.error().kind, ErrorKind::usage);
  }
}

TEST(GitOutput, KeepsTheFirstParentOnly) {
  const auto commits = parse_rev_list("one\ntwo one\nthree two side\n");
  ASSERT_EQ(commits.size(), 3U);
  EXPECT_EQ(commits[0].parent, std::nullopt);
  EXPECT_EQ(commits[1].parent, "one");
  EXPECT_EQ(commits[2].parent, "two");
}

TEST(GitOutput, ReadsSubjectAndTimeOfACommit) {
  Commit commit;
  read_commit_object(
      "tree abc\nparent def\nauthor A <a@b> 1 +0000\ncommitter O Neil 5 <x@y> 1700000000 +0130\n\n\n"
      "  the subject  \nmore\n",
      commit);
  EXPECT_EQ(commit.subject, "the subject");
  EXPECT_EQ(to_rfc3339(commit.committed), "2023-11-14T22:13:20Z");
}

TEST(GitOutput, ATimeThatNobodyMeantIsTheEpoch) {
  Commit commit;
  read_commit_object("committer A <a@b> 99999999999999 +0000\n\nx\n", commit);
  EXPECT_EQ(to_rfc3339(commit.committed), "1970-01-01T00:00:00Z");
}

TEST(GitOutput, ReadsTreesWithAnyName) {
  const auto entries = parse_ls_tree(entry("100644", "app/a b\n\tc") + entry("100755", "app/run.sh") +
                                         entry("120000", "app/l") + entry("160000", "app/sub", "-") +
                                         entry("100644", "elsewhere"),
                                     "app/");
  ASSERT_TRUE(entries) << entries.error().message;
  ASSERT_EQ(entries->size(), 4U);
  EXPECT_EQ((*entries)[0].path, "a b\n\tc");
  EXPECT_EQ((*entries)[0].size, 3U);
  EXPECT_EQ((*entries)[1].kind, TreeEntry::Kind::executable);
  EXPECT_EQ((*entries)[2].kind, TreeEntry::Kind::link);
  EXPECT_EQ((*entries)[3].kind, TreeEntry::Kind::submodule);
}

TEST(GitOutput, RefusesPathsThatLeadOutOfTheFolder) {
  for (const char* path : {"../x", "a/../../x", "/etc/x", "a//b", ".git/config", "a/.GIT/hooks", "."})
    EXPECT_THAT(refusal(entry("100644", path)), HasSubstr("which no path may be")) << path;
}

TEST(GitOutput, RefusesTreesThatAreNoTree) {
  EXPECT_THAT(refusal(entry("100644", "a") + entry("100644", "a")), HasSubstr("twice"));
  EXPECT_THAT(refusal(entry("120000", "a") + entry("100644", "a/b")), HasSubstr("as a file and as a folder"));
  EXPECT_THAT(refusal(entry("777", "a")), HasSubstr("unknown mode"));
}

TEST(GitOutput, SaysWhenContentIsMissing) {
  const auto entries = parse_ls_tree(entry("100644", "a", "BAD"), "");
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(entries.error().details, ElementsAre(HasSubstr("partial clone")));
}

TEST(GitOutput, TellsChangesOfModeAlone) {
  const auto changes = parse_raw_diff(
      ":100644 100755 aa aa M\0run.sh\0:100644 100644 aa bb M\0a b\nc\0:000000 100644 00 cc A\0new\0"s);
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[0].path, "run.sh");
  EXPECT_FALSE(changes[0].content);
  EXPECT_EQ(changes[1].path, "a b\nc");
  EXPECT_TRUE(changes[1].content);
  EXPECT_TRUE(changes[2].content);
}

TEST(GitOutput, TakesObjectsOneAfterTheOther) {
  const std::string text = "id1 blob 4\na\nb\n\nid2 missing\nid3 blob 0\n\n";
  std::string_view rest = text;
  const auto first = take_batch_object(rest);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->content, "a\nb\n");
  EXPECT_TRUE(take_batch_object(rest)->missing);
  const auto last = take_batch_object(rest);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->content, "");
  EXPECT_TRUE(rest.empty());
}

TEST(GitOutput, RefusesAnObjectThatIsCutOff) {
  std::string_view rest = "id1 blob 100\nshort\n";
  EXPECT_FALSE(take_batch_object(rest));
  std::string_view odd = "id1 blob many\nshort\n";
  EXPECT_FALSE(take_batch_object(odd));
}

TEST(GitOutput, QuotesFoldersOfObjects) {
  EXPECT_EQ(quoted_for_alternates("/a:b \"c\"\\\n"), "\"/a:b \\\"c\\\"\\\\\\012\"");
}

TEST(LfsPointer, IsKnownByItsForm) {
  const std::string digest(64, 'b');
  const auto pointer =
      parse_lfs_pointer("version https://git-lfs.github.com/spec/v1\noid sha256:" + digest + "\nsize 12\n");
  ASSERT_TRUE(pointer);
  EXPECT_EQ(pointer->digest, digest);
  EXPECT_EQ(pointer->size, 12U);
  EXPECT_FALSE(parse_lfs_pointer("version https://git-lfs.github.com/spec/v1\noid sha256:../../x\nsize 1\n"));
  EXPECT_FALSE(parse_lfs_pointer("version https://git-lfs.github.com/spec/v1\noid sha256:" + digest + "\n"));
  EXPECT_FALSE(parse_lfs_pointer("int main() {}\n"));
}

}  // namespace
}  // namespace buildlab::replay
