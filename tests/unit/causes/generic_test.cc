#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/causes/generic.h"
#include "framework/causes/recognise.h"
#include "tests/unit/causes/row_case.h"

namespace buildlab::causes {

using namespace std::string_literals;
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::optional<Cause> of_text(std::string_view a, std::string_view b, const char* path = "opt/app/file") {
  return of_content(ContentPair{path, a, b}, built_now());
}

TEST(Generic, TimesAloneAreProven) {
  const auto cause =
      of_text("x\nbuilt 2026-11-24T10:00:00Z by me\n", "x\nbuilt 2026-11-24T10:01:41Z by me\n");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind, CauseClass::time);
  EXPECT_EQ(cause->row, "G5");
  EXPECT_EQ(cause->recogniser, "G5");
  EXPECT_TRUE(cause->proven);
  EXPECT_THAT(cause->evidence,
              ElementsAre("line 2, column 7: 2026-11-24T10:00:00Z, then 2026-11-24T10:01:41Z"));
  EXPECT_THAT(cause->fix, HasSubstr("SOURCE_DATE_EPOCH"));
}

TEST(Generic, ATimeInAnotherFormIsShownDecoded) {
  const auto cause = of_text("stamp=1795514400\n", "stamp=1795514501\n");
  ASSERT_TRUE(cause);
  EXPECT_THAT(cause->evidence, ElementsAre("line 1, column 7: 1795514400, then 1795514501 "
                                           "(2026-11-24T10:00:00Z, then 2026-11-24T10:01:41Z)"));
}

TEST(Generic, ATimeBesideAnotherDifferenceIsNotEnough) {
  EXPECT_FALSE(of_text("built 2026-11-24T10:00:00Z one\n", "built 2026-11-24T10:01:41Z two\n"));
  EXPECT_FALSE(of_text("at 2026-11-24T10:00:00Z\n", "at 2026-11-24T10:01:41Z\nmore\n"));
}

TEST(Generic, NumbersThatAreNoTimesStayUnknown) {
  EXPECT_FALSE(of_text("size 1095514400\n", "size 1095514501\n"));
  EXPECT_FALSE(of_text("version 1.2.3\n", "version 1.2.4\n"));
}

TEST(Generic, TimesInAProgramAreFoundByOffset) {
  const std::string a = "\0\1\2binary\0"s + "2026-11-24 10:00:00" + std::string(8, '\0');
  const std::string b = "\0\1\2binary\0"s + "2026-11-24 10:01:41" + std::string(8, '\0');
  const auto cause = of_text(a, b);
  ASSERT_TRUE(cause);
  EXPECT_THAT(cause->evidence.front(), HasSubstr("offset 10: 2026-11-24 10:00:00, then"));
}

TEST(Generic, MomentsOfTheBuildsInAnyBinaryFileAreFound) {
  const auto file = [](const char* moment) {
    return "\1\2\3\0\0\0\0\0"s + std::string(moment, 4) + std::string(20, '\0');
  };
  const auto cause = of_text(file("\x2a\x60\x05\x6b"), file("\x8e\x60\x05\x6b"));
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind, CauseClass::time);
  EXPECT_EQ(cause->recogniser, "G6");
  EXPECT_FALSE(of_text(file("\x2a\x60\x05\x6a"), file("\x8e\x60\x05\x6a")));
}

TEST(Generic, RandomNamesAloneAreProven) {
  const auto cause =
      of_text("id: 3f2504e0-4f89-41d3-9a0c-0305e82c3301\n", "id: 9a2504e0-4f89-4bd3-8a0c-0305e82c3377\n");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind, CauseClass::rand);
  EXPECT_EQ(cause->recogniser, "G7");
  EXPECT_TRUE(cause->proven);
}

TEST(Generic, TheNameOfATemporaryFolderIsAPath) {
  const auto cause = of_text("cd /tmp/build-aX93kd2/src\n", "cd /tmp/build-Qm27cc1/src\n");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind, CauseClass::path);
  EXPECT_EQ(cause->recogniser, "G7");
}

TEST(Generic, HexWithoutAHintIsOnlySupposedRandom) {
  const auto cause = of_text("token 0af7651916cd43dd8448eb211c80319c0af76519\n",
                             "token bbf7651916cd43dd8448eb211c80319c0af76000\n");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind, CauseClass::rand);
  EXPECT_FALSE(cause->proven);
}

TEST(Generic, FingerprintsOfKeysAreOnlySupposedRandom) {
  const std::string rest = "HPbhkAhep79V5F3jT9YzgyrqweRLbM2u8AirqmQx+/ root@host (RSA)\n";
  const auto cause = of_text("3072 SHA256:j" + rest, "3072 SHA256:z" + rest, "var/log/apt/term.log");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind, CauseClass::rand);
  EXPECT_EQ(cause->row, "G7");
  EXPECT_FALSE(cause->proven);
  EXPECT_THAT(cause->name, testing::HasSubstr("SSH"));
}

TEST(Generic, ChecksumsAreNotRandom) {
  EXPECT_FALSE(of_text("0af7651916cd43dd8448eb211c80319c  usr/bin/ls\n",
                       "bbf7651916cd43dd8448eb211c80319c  usr/bin/ls\n", "opt/sums"));
  EXPECT_FALSE(of_text("{\"sha256\":\"0af7651916cd43dd8448eb211c80319c0af7651916cd43dd8448eb211c80319c\"}",
                       "{\"sha256\":\"bbf7651916cd43dd8448eb211c80319c0af7651916cd43dd8448eb211c80319c\"}"));
}

TEST(Generic, TheSameLinesInAnotherOrder) {
  const auto cause = of_text("a\nb\nc\nd\n", "a\nc\nb\nd\n", "opt/app/files.list");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind, CauseClass::order);
  EXPECT_EQ(cause->recogniser, "G8");
  EXPECT_TRUE(cause->proven);
  EXPECT_THAT(cause->evidence, ElementsAre("line 2: b, then c"));
}

TEST(Generic, OrderThatMayHaveAMeaningIsOnlySupposed) {
  for (const char* path : {"opt/run.sh", "etc/app.yaml", "etc/app.ini", "opt/app/file"}) {
    const auto cause = of_text("a\nb\nc\nd\n", "a\nc\nb\nd\n", path);
    ASSERT_TRUE(cause);
    EXPECT_EQ(cause->kind, CauseClass::order);
    EXPECT_FALSE(cause->proven) << path;
  }
  const auto elements = of_text(R"(["cp","a","b"])", R"(["cp","b","a"])", "x");
  ASSERT_TRUE(elements);
  EXPECT_FALSE(elements->proven);
}

TEST(Generic, ATimeOfDayIsProvenWithinTheBuildsOnly) {
  const auto opens = of_text("opens 12:30:00\n", "opens 13:30:00\n");
  EXPECT_TRUE(!opens || !opens->proven);
  const auto built = of_text("at 10:00:00\n", "at 10:01:41\n");
  ASSERT_TRUE(built);
  EXPECT_TRUE(built->proven);
  const auto unknown = of_content(ContentPair{"x", "at 10:00:00\n", "at 10:01:41\n"}, {});
  EXPECT_TRUE(!unknown || !unknown->proven);
}

TEST(Generic, ADateOrNumberAloneIsNoTimeWithoutKnownBuilds) {
  const auto of = [](std::string_view a, std::string_view b) {
    return of_content(ContentPair{"x", a, b}, {});
  };
  EXPECT_FALSE(of("born 1970-05-05\n", "born 1971-05-05\n"));
  EXPECT_FALSE(of("total_bytes 1690000000\n", "total_bytes 1712345678\n"));
  const auto built = of("built 2026-11-24\n", "built 2026-11-25\n");
  ASSERT_TRUE(built);
  EXPECT_FALSE(built->proven);
}

TEST(Generic, AddressesAreOnlySupposed) {
  const auto cause = of_text("base 0x7fff00001000\n", "base 0x7fff00002000\n");
  ASSERT_TRUE(cause);
  EXPECT_FALSE(cause->proven);
}

TEST(Generic, ALineMoreIsNoOrder) {
  EXPECT_FALSE(of_text("a\nb\nb\n", "a\na\nb\n"));
  EXPECT_FALSE(of_text("a\nb\n", "b\na\nc\n"));
}

TEST(Generic, TheSameJsonInAnotherOrder) {
  const auto cause = of_text(R"({"x":[1,2,{"k":"v"}],"y":null})", R"({"y":null,"x":[{"k":"v"},2,1]})");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind, CauseClass::order);
  EXPECT_FALSE(cause->proven);
  EXPECT_TRUE(of_text(R"({"x":[1,2],"y":null})", R"({"y":null,"x":[1,2]})")->proven);
  EXPECT_FALSE(of_text(R"({"x":[1,2],"y":null})", R"({"x":[1,3],"y":null})"));
}

TEST(Generic, TheSameWordsInAnotherOrder) {
  const auto cause = of_text("S = {'alpha', 'beta', 'gamma'}\n", "S = {'gamma', 'alpha', 'beta'}\n");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind, CauseClass::order);
  EXPECT_FALSE(of_text("from x\n", "x from\n"));  // two words: as often swapped values
}

TEST(Generic, ValuesThatChangedPlacesAreNoOrder) {
  EXPECT_FALSE(of_text(R"({"x": 1, "y": 2, "z": 3})", R"({"x": 2, "y": 1, "z": 3})"));
  EXPECT_FALSE(of_text("{\n\"x\": {\n\"v\": 1\n},\"y\": {\n\"v\": 2\n}}",
                       "{\n\"x\": {\n\"v\": 2\n},\"y\": {\n\"v\": 1\n}}"));
  EXPECT_FALSE(of_text("f(a = 1, b = 2, c = 3)\n", "f(a = 2, b = 1, c = 3)\n"));
  // Words without commas may be either.
  const auto cause = of_text("width 3 height 4\n", "width 4 height 3\n");
  ASSERT_TRUE(cause);
  EXPECT_FALSE(cause->proven);
}

TEST(Generic, DatesWithDotsAreVersionsWithoutKnownBuilds) {
  EXPECT_FALSE(of_content(ContentPair{"x", "Version: 2026.11.24\n", "Version: 2026.10.05\n"}, {}));
}

TEST(Generic, TimesAndRandomNamesTogether) {
  const auto cause = of_text("2026-11-24 10:00:00 apt[12]: go\n2026-11-24 10:00:01 apt[12]: end\n",
                             "2026-11-24 10:01:41 apt[14]: go\n2026-11-24 10:01:42 apt[14]: end\n");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind, CauseClass::time);
  EXPECT_EQ(cause->recogniser, "G5+G7");
  EXPECT_TRUE(cause->proven);
}

TEST(Generic, TimesAndOrderTogether) {
  const auto cause = of_text("2026-11-24 10:00:00 x\n2026-11-24 10:00:01 y\nend\n",
                             "2026-11-24 10:01:41 y\n2026-11-24 10:01:42 x\nend\n");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->recogniser, "G5+G8");
  EXPECT_EQ(cause->kind, CauseClass::time);
}

TEST(Generic, DurationsCountInLogsOnly) {
  constexpr std::string_view a = "compiled in 1.25s\n";
  constexpr std::string_view b = "compiled in 1.31s\n";
  const auto cause = of_text(a, b, "srv/build.log");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind, CauseClass::time);
  EXPECT_FALSE(of_text(a, b, "srv/settings"));
}

TEST(Generic, BeginningsProveNothing) {
  const auto cause = of_content(
      ContentPair{"x", "at 2026-11-24T10:00:00Z\n", "at 2026-11-24T10:01:41Z\n", false}, built_now());
  ASSERT_TRUE(cause);
  EXPECT_FALSE(cause->proven);
}

TEST(Generic, ABuildIdThatFollowsIsNotInTheWay) {
  const auto program = [](const char* time, char id) {
    std::string bytes =
        "\x7f"
        "ELF";
    bytes += "\4\0\0\0\x14\0\0\0\3\0\0\0GNU\0"s + std::string(20, id);
    return bytes + time + std::string(4, '\0');
  };
  const auto cause =
      of_text(program("built 2026-11-24T10:00:00Z", 'a'), program("built 2026-11-24T10:01:41Z", 'b'));
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind, CauseClass::time);
  EXPECT_TRUE(cause->proven);
  EXPECT_THAT(cause->evidence, testing::Contains("its build id follows"));
}

TEST(Generic, EqualAndEmptyFilesHaveNoCause) {
  EXPECT_FALSE(of_text("x", "x"));
  EXPECT_FALSE(of_text("", "x"));
  EXPECT_FALSE(of_text("x", ""));
  EXPECT_FALSE(of_text("", "2026-11-24T10:00:00Z"));
}

TEST(Generic, ControlCharactersDoNotReachTheEvidence) {
  const auto cause = of_text("a\n\x1b[31mred\nz\n", "\x1b[31mred\na\nz\n");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->evidence.front().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace buildlab::causes
