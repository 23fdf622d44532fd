#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/causes_formats/samples.h"

namespace buildlab::causes {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// The sample's second file with a text that stands in it replaced by one of the same length.
std::string replaced(std::string bytes, std::string_view old, std::string_view by) {
  EXPECT_EQ(old.size(), by.size());
  const std::size_t at = bytes.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return at == std::string::npos ? bytes : with(std::move(bytes), at, by);
}

TEST(Elf, NamesTheDateOfTheCompilation) {
  const auto cause = explain("usr/bin/d", sample("elf_date"), built_then());
  EXPECT_EQ(verdict(cause), "TIME H6 proven");
  EXPECT_THAT(evidence(cause),
              AllOf(HasSubstr("\"Nov 24 2026\", then \"Nov 25 2026\""),
                    HasSubstr("\"10:00:00\", then \"10:00:07\""), HasSubstr("also DERIVED (H1)")));
  EXPECT_THAT(fix(cause), HasSubstr("SOURCE_DATE_EPOCH"));
}

// As of text: where nobody knows when the builds ran, a date is only supposed to be theirs, and what is not
// of either build is no cause that is proven.
TEST(Elf, ProvesNoDateThatIsNotOfTheBuilds) {
  const Sample two = sample("elf_date");
  EXPECT_EQ(verdict(explain("usr/bin/d", two)), "TIME H6 supposed");
  EXPECT_EQ(verdict(explain("usr/bin/d", two, built_after(400 * 86'400))), "unknown");
  // Only the time of day is not that of the builds.
  EXPECT_EQ(verdict(explain("usr/bin/d", two, built_after(6 * 3600))), "TIME H6 supposed");
  Surroundings clamped = built_after(400 * 86'400);
  clamped.source_date_epoch = k_build_time;
  EXPECT_EQ(verdict(explain("usr/bin/d", two, clamped)), "TIME H6 proven");
}

TEST(Elf, NamesTheFolderOfTheBuild) {
  const auto cause = explain("usr/bin/d", sample("elf_path"));
  EXPECT_EQ(verdict(cause), "PATH H7 proven");
  EXPECT_THAT(evidence(cause), AllOf(HasSubstr("/one/d.c\", then "), HasSubstr("(.debug_line_str)"),
                                     HasSubstr("(.rodata"), HasSubstr("also DERIVED (H1)")));
  EXPECT_THAT(fix(cause), HasSubstr("-ffile-prefix-map"));
}

TEST(Elf, SupposesTheFolderWhereItsLengthMovesTheRest) {
  const auto cause = explain("usr/bin/d", sample("elf_path_moved"));
  EXPECT_EQ(verdict(cause), "PATH H7 supposed");
  EXPECT_THAT(evidence(cause), AllOf(HasSubstr("/one\", then \"/tmp"), HasSubstr("/another\""),
                                     HasSubstr("not explained: whether more than its place differs in")));
}

TEST(Elf, SupposesTheFolderWhereTheLinkerSortedTheTexts) {
  const auto cause = explain("usr/bin/d", sample("elf_path_order"));
  EXPECT_EQ(verdict(cause), "PATH H7 supposed");
  EXPECT_THAT(evidence(cause), HasSubstr("not explained: bytes of .debug_"));
}

TEST(Elf, SupposesNoFolderWhereOtherTextsMovedToo) {
  const Sample two = sample("elf_path_moved");
  const std::string other = replaced(two.b, "long unsigned int", "long unsigned 128");
  EXPECT_EQ(verdict(explain("d", two.a, other)), "unknown");
}

TEST(Elf, LooksIntoCompressedSections) {
  const auto cause = explain("usr/bin/d", sample("elf_path_compressed"));
  EXPECT_EQ(verdict(cause), "PATH H7 proven");
  EXPECT_THAT(evidence(cause), HasSubstr("(.debug_line_str, inflated)"));
}

TEST(Elf, NamesTheRandomNamesOfLinkTimeOptimisation) {
  const auto cause = explain("lib/f.o", sample("elf_lto"));
  EXPECT_EQ(verdict(cause), "RAND H8 proven");
  EXPECT_THAT(fix(cause), HasSubstr("-frandom-seed"));
}

TEST(Elf, LeavesOtherContentUnknownAlthoughTheBuildIdFollows) {
  EXPECT_EQ(verdict(explain("usr/bin/d", sample("elf_text"))), "unknown");
}

TEST(Elf, FollowsWithABuildIdAlone) {
  const Sample two = sample("elf_date");
  std::string other = two.a;
  const std::size_t note = other.find(std::string("\x14\0\0\0\x03\0\0\0GNU", 11));
  ASSERT_NE(note, std::string::npos);
  other[note + 12] ^= 1;
  const auto cause = explain("usr/bin/d", two.a, other);
  EXPECT_EQ(verdict(cause), "DERIVED H1 proven");
}

TEST(Elf, NamesAnotherCompiler) {
  const Sample two = sample("elf_date");
  const std::size_t version = two.a.find("GCC: (");
  ASSERT_NE(version, std::string::npos);
  const auto cause = explain("usr/bin/d", two.a, with(two.a, version + 5, "[Ubuntu 9]"));
  EXPECT_EQ(verdict(cause), "TOOL H18 proven");
  EXPECT_THAT(evidence(cause), HasSubstr("Ubuntu 9"));
}

TEST(Elf, SupposesTheDateWhereOtherBytesDifferToo) {
  Sample two = sample("elf_date");
  two.b = replaced(two.b, "_start", "_other");
  const auto cause = explain("usr/bin/d", two);
  EXPECT_EQ(verdict(cause), "TIME H6 supposed");
  EXPECT_THAT(evidence(cause), HasSubstr("not explained: bytes of .strtab"));
}

TEST(Elf, TakesWordsForNeitherTimesNorNames) {
  const Sample two = sample("elf_date");
  for (const std::string_view word : {"Nov 44 2026", "Abc 24 2026", "99:00:00"}) {
    const bool clock = word.size() == 8;
    const std::string other = replaced(two.a, clock ? "10:00:00" : "Nov 24 2026", word);
    EXPECT_EQ(verdict(explain("d", two.a, other)), "unknown") << word;
  }
  EXPECT_EQ(verdict(explain("d", two.a, replaced(two.a, "10:00:00", "a/b/c/de"))), "unknown");
}

// A program of Go in little: the sections that its linker writes, with these settings.
std::string go_program(const std::string& settings, const std::string& text) {
  const std::string sentinel(16, '\x30');
  const std::string counted = sentinel + settings + sentinel;
  std::string info = std::string("\xff Go buildinf:") + '\x08' + '\x02' + std::string(16, '\0');
  info += '\x06' + std::string("go1.26");
  info += static_cast<char>(0x80 | (counted.size() & 0x7f));
  info += static_cast<char>(counted.size() >> 7);
  info += counted;
  const std::string names = std::string("\0.go.buildinfo\0.rodata\0.shstrtab\0", 34);
  std::string file = std::string(
                         "\x7f"
                         "ELF\x02\x01\x01",
                         7) +
                     std::string(57, '\0');
  struct Placed {
    std::size_t name, offset, size;
  };
  std::vector<Placed> placed;
  const std::pair<std::size_t, const std::string*> parts[] = {{1, &info}, {15, &text}, {23, &names}};
  for (const auto& [name, content] : parts) {
    placed.push_back({name, file.size(), content->size()});
    file += *content;
  }
  file = with(file, 40, le(file.size(), 8));
  file = with(file, 58, le(64, 2) + le(4, 2) + le(3, 2));
  file += std::string(64, '\0');
  for (const Placed& part : placed) {
    file += le(part.name, 4) + le(1, 4) + std::string(16, '\0') + le(part.offset, 8) + le(part.size, 8) +
            std::string(24, '\0');
  }
  return file;
}

TEST(Elf, ReadsTheSettingsOfAGoProgram) {
  const std::string revision_a(40, 'a');
  const std::string revision_b(40, 'b');
  const auto settings = [](const std::string& revision) {
    return "path\tx\nbuild\tCGO_ENABLED=0\nbuild\tvcs.revision=" + revision + "\nbuild\tvcs.modified=false\n";
  };
  const std::string a = settings(revision_a);
  const std::string b = settings(revision_b);
  const auto cause = explain("bin/x", go_program(a, "text" + a), go_program(b, "text" + b));
  EXPECT_EQ(verdict(cause), "VERS H3 proven");
  EXPECT_THAT(evidence(cause), HasSubstr("vcs.revision=aaa"));
  EXPECT_THAT(fix(cause), HasSubstr("-buildvcs=false"));
  EXPECT_EQ(verdict(explain("bin/x", go_program(a, "text"), go_program(b, "tent"))), "VERS H3 supposed");
}

TEST(Elf, NamesTheTimeThatAGoProgramWasLinkedWith) {
  const auto settings = [](const std::string& time) {
    return "build\t-ldflags=\"-X main.BuildTime=" + time + "\"\n";
  };
  const std::string then = "2026-11-24T10:00:00";
  const std::string later = "2026-11-24T10:31:07";
  const auto cause = explain("bin/x", go_program(settings(then), "glued" + then + "glued"),
                             go_program(settings(later), "glued" + later + "glued"), built_then());
  EXPECT_EQ(verdict(cause), "TIME H5 proven");
  const auto old = explain("bin/x", go_program(settings("2019-11-24T10:00:00"), "glued"),
                           go_program(settings("2020-11-24T10:00:00"), "glued"), built_then());
  EXPECT_EQ(verdict(old), "TIME H5 supposed");
}

TEST(Elf, FindsPathsAmongGluedTextsOfGo) {
  const auto cause = explain("bin/x", go_program("path\tx\n", "glued/home/ada/go/src/m.go"),
                             go_program("path\tx\n", "glued/home/bob/go/src/m.go"));
  EXPECT_EQ(verdict(cause), "PATH H2 proven");
  EXPECT_THAT(fix(cause), HasSubstr("-trimpath"));
}

TEST(Elf, TakesNumbersForTimesOnlyWithinTheBuilds) {
  const std::string a = go_program("path\tx\n", "data" + le(k_build_time + 5, 4));
  const std::string b = go_program("path\tx\n", "data" + le(k_build_time + 2000, 4));
  EXPECT_EQ(verdict(explain("bin/x", a, b, built_then())), "TIME G6 proven");
  EXPECT_EQ(verdict(explain("bin/x", a, b)), "unknown");
  EXPECT_EQ(verdict(explain("bin/x", b, a, built_then())), "unknown");
}

}  // namespace
}  // namespace buildlab::causes
