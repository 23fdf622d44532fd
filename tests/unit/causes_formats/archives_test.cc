#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "tests/unit/causes_formats/samples.h"

namespace buildlab::causes {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Tar, NamesTheTimesOfMembers) {
  const auto cause = explain("opt/a.tar", sample("tar_time"));
  EXPECT_EQ(verdict(cause), "TIME K7 proven");
  EXPECT_EQ(evidence(cause), "d/two, mtime: 2026-11-24T10:00:00Z, then 2026-11-24T10:00:07Z\n");
  EXPECT_THAT(fix(cause), HasSubstr("--mtime"));
}

TEST(Tar, KnowsTheScriptsOfApk) {
  const auto cause = explain("lib/apk/db/scripts.tar", sample("tar_time"));
  EXPECT_EQ(verdict(cause), "TIME C1 proven");
  EXPECT_THAT(fix(cause), HasSubstr("SOURCE_DATE_EPOCH"));
}

TEST(Tar, NamesOrderOwnersAndForm) {
  EXPECT_EQ(verdict(explain("a.tar", sample("tar_order"))), "ORDER K7 proven");
  const auto owner = explain("a.tar", sample("tar_owner"));
  EXPECT_EQ(verdict(owner), "PERM K7 proven");
  EXPECT_THAT(evidence(owner),
              AllOf(HasSubstr("d/one, mode: 644, then 664"), HasSubstr("d/one, uid: 0, then 1000")));
  EXPECT_EQ(verdict(explain("a.tar", sample("tar_format"))), "TOOL K7 proven");
}

TEST(Tar, ReadsLongNamesAndExtendedHeaders) {
  EXPECT_EQ(verdict(explain("a.tar", sample("tar_long"))), "TIME K7 proven");
  const auto pax = explain("a.tar", sample("tar_pax"));
  EXPECT_EQ(verdict(pax), "TIME K7 proven");
  EXPECT_THAT(evidence(pax), HasSubstr("record mtime: 2026-11-24T10:00:00.25Z, then 2026-11-24T10:00:03.5Z"));
  const auto commit = explain("a.tar", sample("tar_commit"));
  EXPECT_EQ(verdict(commit), "VERS K7 proven");
  EXPECT_THAT(evidence(commit), HasSubstr("record comment: aaaa"));
}

TEST(Tar, NamesWhatGnuTarPutsIntoExtendedHeaders) {
  const auto cause = explain("a.tar", sample("tar_gnu"));
  EXPECT_THAT(verdict(cause), HasSubstr("A31 proven"));
  EXPECT_THAT(evidence(cause),
              AllOf(HasSubstr("TIME (A31)"), HasSubstr("process: "),
                    HasSubstr("record atime: 2026-11-24T10:00:00.5Z, then 2026-11-24T10:00:01.5Z")));
  EXPECT_THAT(fix(cause), HasSubstr("PaxHeaders/%f"));
}

TEST(Tar, LooksInside) {
  const auto cause = explain("opt/a.tar", sample("tar_inside"));
  EXPECT_EQ(verdict(cause), "TIME K7 proven");
  EXPECT_THAT(evidence(cause), AllOf(HasSubstr("also TIME (G5)"), HasSubstr("opt/a.tar!d/one says when")));
  const Sample two = sample("tar_inside");
  EXPECT_EQ(verdict(explain("a.tgz", gzip(two.a), gzip(two.b))), "TIME K7 proven");
}

TEST(Tar, LeavesOtherContentUnknown) {
  EXPECT_EQ(verdict(explain("a.tar", sample("tar_content"))), "unknown");
  const auto cause = explain("a.tar", sample("tar_time").b, sample("tar_content").b);
  EXPECT_EQ(verdict(cause), "TIME K7 supposed");
  EXPECT_THAT(evidence(cause), HasSubstr("not explained: content of \"d/two\""));
}

TEST(Tar, SeesBytesThatBelongToNoField) {
  const Sample two = sample("tar_time");
  for (const std::size_t at : {std::size_t{524}, two.b.size() - 1}) {  // padding of a member, the end
    EXPECT_EQ(verdict(explain("a.tar", two.a, with(two.b, at, "x"))), "TIME K7 supposed") << at;
  }
  // A header whose checksum does not fit is no header.
  EXPECT_EQ(verdict(explain("a.tar", two.a, with(two.b, 500, "x"))), "unknown");
}

TEST(Ar, NamesTheTimesOfMembers) {
  const auto cause = explain("usr/lib/libl.a", sample("ar_time"));
  EXPECT_EQ(verdict(cause), "TIME H10 proven");
  EXPECT_EQ(evidence(cause),
            "function_of_long_name.o, mtime: 2026-11-24T10:00:00Z, then 2026-11-24T10:01:05Z\n");
  EXPECT_THAT(fix(cause), HasSubstr("ar D"));
}

std::string ar_member(const std::string& name, std::int64_t time, const std::string& data,
                      int mode = 100644) {
  std::string padded = data;
  if (padded.size() % 2 != 0) padded += '\n';
  return fmt::format("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n{}", name, time, 0, 0, mode, data.size(), padded);
}

TEST(Ar, LooksIntoMembers) {
  const std::string magic = "!<arch>\n";
  const Sample program = sample("elf_date");
  const auto cause =
      explain("libl.a", magic + ar_member("/", 0, "index") + ar_member("d.o/", 0, program.a),
              magic + ar_member("/", 0, "INDEX") + ar_member("d.o/", 0, program.b), built_then());
  EXPECT_EQ(verdict(cause), "TIME H6 proven");
  EXPECT_THAT(evidence(cause), AllOf(HasSubstr("d.o: offset"), HasSubstr("also DERIVED (H10)")));
  EXPECT_EQ(verdict(explain("libl.a", magic + ar_member("a/", 0, "x"), magic + ar_member("a/", 0, "y"))),
            "unknown");
}

TEST(Ar, NamesOrderAndModes) {
  const std::string magic = "!<arch>\n";
  const std::string names = ar_member("//", 0, "a_very_long_name.o/\nanother_long_name.o/\n");
  const std::string one = ar_member("/0", 0, "1");
  const std::string two = ar_member("/20", 0, "2");
  EXPECT_EQ(verdict(explain("a.a", magic + names + one + two, magic + names + two + one)),
            "ORDER H10 proven");
  EXPECT_EQ(verdict(explain("a.a", magic + ar_member("#1/4", 0, "nameX"),
                            magic + ar_member("#1/4", 0, "nameX", 100600))),
            "PERM H10 proven");
  EXPECT_EQ(verdict(explain("a.a", magic + ar_member("/999", 0, "1"), magic + ar_member("/999", 1, "1"))),
            "unknown");
}

std::string cpio_member(const std::string& name, unsigned inode, std::int64_t mtime,
                        const std::string& data) {
  const auto padded = [](std::string text) {
    text.resize((text.size() + 3) / 4 * 4);
    return text;
  };
  const std::string head =
      fmt::format("070701{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}",
                  inode, 0100644, 0, 0, 1, mtime, data.size(), 8, 1, 0, 0, name.size() + 1, 0);
  return padded(head + name + '\0') + padded(data);
}

TEST(Cpio, NamesTimesAndInodes) {
  const std::string end = cpio_member("TRAILER!!!", 0, 0, "");
  const std::string first = cpio_member("init", 11, k_build_time, "code") + end;
  const auto time =
      explain("boot/initrd.img", first, cpio_member("init", 11, k_build_time + 3, "code") + end);
  EXPECT_EQ(verdict(time), "TIME K5 proven");
  EXPECT_EQ(evidence(time), "init, mtime: 2026-11-24T10:00:00Z, then 2026-11-24T10:00:03Z\n");
  const auto inode = explain("boot/initrd.img", first, cpio_member("init", 12, k_build_time, "code") + end);
  EXPECT_EQ(verdict(inode), "FSMETA K5 proven");
  EXPECT_EQ(verdict(explain("boot/initrd.img", first, cpio_member("init", 11, k_build_time, "core") + end)),
            "unknown");
}

TEST(Cpio, LooksIntoWhatFollowsThePlainPart) {
  const std::string plain =
      cpio_member("early", 1, 0, "microcode") + cpio_member("TRAILER!!!", 0, 0, "") + std::string(512, '\0');
  const std::string end = cpio_member("TRAILER!!!", 0, 0, "");
  const auto cause =
      explain("boot/initrd.img", plain + gzip(cpio_member("init", 1, k_build_time, "code") + end),
              plain + gzip(cpio_member("init", 1, k_build_time + 5, "code") + end));
  EXPECT_EQ(verdict(cause), "TIME K5 proven");
}

}  // namespace
}  // namespace buildlab::causes
