#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/unit/causes_formats/samples.h"

namespace buildlab::causes {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Sqlite, NamesTheCountersOfTransactions) {
  const auto cause = explain("var/lib/x.db", sample("sqlite_counters"));
  EXPECT_EQ(verdict(cause), "TOOL C7 proven");
  EXPECT_THAT(evidence(cause), AllOf(HasSubstr("offset 24: "), HasSubstr("offset 92: ")));
}

TEST(Sqlite, LeavesOtherRowsUnknown) {
  EXPECT_EQ(verdict(explain("var/lib/x.db", sample("sqlite_rows"), built_then())), "unknown");
}

TEST(Sqlite, NamesMomentsOfTheBuildsAmongTheRows) {
  const std::string dnf = "var/lib/dnf/history.sqlite";
  const auto seconds = explain(dnf, sample("sqlite_seconds"), built_then());
  EXPECT_EQ(verdict(seconds), "TIME C8 proven");
  EXPECT_THAT(evidence(seconds), HasSubstr(": 2026-11-24T10:00:05Z, then 2026-11-24T10:31:40Z"));
  EXPECT_EQ(verdict(explain("x.db", sample("sqlite_milliseconds"), built_then())), "TIME G6 proven");
  EXPECT_EQ(verdict(explain("var/lib/rpm/rpmdb.sqlite", sample("sqlite_header"), built_then())),
            "TIME C5 proven");
  // Without the builds' times nothing tells a moment from another number.
  EXPECT_EQ(verdict(explain(dnf, sample("sqlite_seconds"))), "unknown");
}

TEST(Sqlite, ProvesNoDateThatIsNotOfTheBuilds) {
  const Sample two = sample("sqlite_counters");
  const auto with_date = [&](const std::string& date) { return with(two.a, two.a.size() - 40, date); };
  const std::string a = with_date("at 2026-11-24 10:00:05 at");
  const std::string b = with_date("at 2026-11-24 10:31:40 at");
  EXPECT_EQ(verdict(explain("x.db", a, b, built_then())), "TIME G5 proven");
  EXPECT_EQ(verdict(explain("x.db", a, b)), "TIME G5 supposed");
  EXPECT_EQ(verdict(explain("x.db", a, b, built_after(400 * 86'400))), "TIME G5 supposed");
  // A date without a time of day may be a version's.
  EXPECT_EQ(
      verdict(explain("x.db", with_date("on 2019-05-01 on"), with_date("on 2019-06-01 on"), built_then())),
      "unknown");
}

TEST(Sqlite, NamesTheVersion) {
  const Sample two = sample("sqlite_counters");
  const auto cause = explain("x.db", two.a, with(two.a, 96, be(3'045'001, 4)));
  EXPECT_EQ(verdict(cause), "VERS C7 proven");
  EXPECT_THAT(evidence(cause), HasSubstr("then 3.45.1"));
  // The schema's cookie is none of the counters.
  EXPECT_EQ(verdict(explain("x.db", two.a, with(two.b, 40, be(77, 4)))), "unknown");
}

TEST(KeyStore, NamesWhenEntriesWereMade) {
  const auto cause = explain("opt/app/trust.jks", sample("keystore_jks"));
  EXPECT_EQ(verdict(cause), "TIME J1 proven");
  EXPECT_THAT(evidence(cause), HasSubstr("a, date: 20"));
  const auto system = explain("etc/ssl/certs/java/cacerts", sample("keystore_jks"));
  EXPECT_EQ(verdict(system), "TIME B14 proven");
  EXPECT_THAT(fix(system), HasSubstr("cacerts"));
}

TEST(KeyStore, LeavesOtherCertificatesUnknown) {
  const Sample two = sample("keystore_jks");
  std::string other = two.a;
  other[200] ^= 1;
  EXPECT_EQ(verdict(explain("trust.jks", two.a, other)), "unknown");
  EXPECT_EQ(verdict(explain("trust.jks", two.a, two.b.substr(0, two.b.size() - 3))), "unknown");
}

TEST(KeyStore, SupposesTheSaltsOfKeysAndOfPkcs12) {
  const auto store = [](const std::string& key) {
    return std::string("\xfe\xed\xfe\xed") + be(2, 4) + be(1, 4) + be(1, 4) + be(3, 2) + "key" +
           be(1'795'514'400'000, 8) + be(key.size(), 4) + key + be(0, 4) + std::string(20, key[0]);
  };
  EXPECT_EQ(verdict(explain("x.jks", store("abcdef"), store("ghijkl"))), "RAND J1 supposed");
  EXPECT_EQ(verdict(explain("x.p12", sample("keystore_pkcs12"))), "RAND J2 supposed");
}

TEST(GitIndex, NamesWhatStatSaid) {
  for (const std::string name : {"git_index_2", "git_index_4"}) {
    const auto cause = explain("src/.git/index", sample(name));
    EXPECT_EQ(verdict(cause), "FSMETA K1 proven") << name;
    EXPECT_THAT(evidence(cause), AllOf(HasSubstr("offset 12, \"a\": ctime 20"), HasSubstr("inode ")));
    EXPECT_THAT(fix(cause), HasSubstr(".dockerignore"));
  }
}

TEST(GitIndex, LeavesOtherTreesUnknown) {
  const Sample two = sample("git_index_2");
  std::string other = two.b;
  other[12 + 45] ^= 1;  // within the first file's hash
  EXPECT_EQ(verdict(explain("src/.git/index", two.a, other)), "unknown");
}

TEST(AuxCache, NamesInodesWhateverTheirOrder) {
  const auto cause = explain("var/cache/ldconfig/aux-cache", sample("aux_cache"));
  EXPECT_EQ(verdict(cause), "FSMETA B7 proven");
  EXPECT_THAT(evidence(cause), AllOf(HasSubstr("liba.so.1: inode "), HasSubstr("libb.so.1: inode ")));
  EXPECT_THAT(fix(cause), HasSubstr("RUN rm -f /var/cache/ldconfig/aux-cache"));
}

TEST(AuxCache, LeavesOtherLibrariesUnknown) {
  const Sample two = sample("aux_cache");
  EXPECT_EQ(verdict(explain("aux-cache", two.a, with(two.b, 48, le(77, 8)))), "unknown");  // size
  const std::size_t name = two.b.find("liba");
  EXPECT_EQ(verdict(explain("aux-cache", two.a, with(two.b, name, "libx"))), "unknown");
}

// As of fontconfig 2.14 on a 64-bit machine.
std::string font_cache(std::uint64_t seconds, std::uint64_t nanoseconds, const std::string& folder) {
  return le(0xfc02fc04, 4) + le(8, 4) + le(104, 8) + le(64, 8) + le(88, 8) + le(0, 8) + le(88, 8) +
         le(seconds, 8) + le(nanoseconds, 8) + folder + std::string(24 - folder.size(), '\0') + le(0, 8) +
         le(17, 8);
}

TEST(FontCache, NamesTheFoldersTime) {
  const std::string path = "var/cache/fontconfig/4c599c202bc5c08e2d34565a40eac3b2-le64.cache-8";
  const std::string fonts = "/usr/share/fonts";
  const auto cause =
      explain(path, font_cache(k_build_time, 500, fonts), font_cache(k_build_time + 9, 7, fonts));
  EXPECT_EQ(verdict(cause), "FSMETA B21 proven");
  EXPECT_EQ(evidence(cause),
            "offsets 48 and 56: 2026-11-24T10:00:00.0000005Z, then 2026-11-24T10:00:09.000000007Z\n");
  EXPECT_EQ(verdict(explain(path, font_cache(k_build_time, 0, fonts),
                            font_cache(k_build_time, 0, "/usr/share/other"))),
            "unknown");
  EXPECT_EQ(
      verdict(explain(path, font_cache(k_build_time, 0, fonts), font_cache(k_build_time + 1, 0, "/opt"))),
      "unknown");
}

// A GDBM file of one bucket, laid out as on a 64-bit machine but smaller.
std::string man_index(const std::map<std::string, std::string>& records) {
  constexpr std::size_t k_bucket = 64;
  std::string elements;
  std::string data;
  const std::size_t begin = k_bucket + 112 + 4 * 24;
  for (const auto& [key, value] : records) {
    elements += le(1, 4) + key.substr(0, 1) + std::string(3, '\0') + le(begin + data.size(), 8) +
                le(key.size() + 1, 4) + le(value.size() + 1, 4);
    data += key + '\0' + value + '\0';
  }
  while (elements.size() < std::size_t{4} * 24) elements += le(0xffffffff, 4) + std::string(20, '\0');
  const std::string head = le(0x13579acf, 4) + le(4096, 4) + le(40, 8) + le(8, 4) + le(1, 4) + le(512, 4) +
                           le(4, 4) + le(0, 8) + le(k_bucket, 8);
  return head + std::string(k_bucket - head.size(), '\0') + std::string(112, '\0') + elements + data;
}

TEST(ManIndex, NamesThePagesTimes) {
  const auto page = [](const std::string& time) { return "-\t1\t1\t" + time + "\tA\t-\t-\t-\tlist files"; };
  const std::string version = "2.11.2";
  const std::string first = man_index({{"$version$", version}, {"ls", page("1795514400\t123456789")}});
  const auto cause = explain("var/cache/man/index.db", first,
                             man_index({{"$version$", version}, {"ls", page("1795514409\t987654321")}}));
  EXPECT_EQ(verdict(cause), "TIME B10 proven");
  EXPECT_EQ(evidence(cause), "\"ls\": 2026-11-24T10:00:00.123456789Z, then 2026-11-24T10:00:09.987654321Z\n");
  // Fewer digits move what follows.
  EXPECT_EQ(verdict(explain("var/cache/man/index.db", first,
                            man_index({{"$version$", version}, {"ls", page("1795514409\t5")}}))),
            "TIME B10 supposed");
  EXPECT_EQ(verdict(explain("var/cache/man/index.db", first,
                            man_index({{"$version$", "2.12.0"}, {"ls", page("1795514409\t987654321")}}))),
            "unknown");
}

}  // namespace
}  // namespace buildlab::causes
