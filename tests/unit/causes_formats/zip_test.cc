#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/causes_formats/samples.h"

namespace buildlab::causes {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Zip, NamesTheTimeOfAnEntry) {
  const auto cause = explain("app.zip", sample("zip_time"));
  EXPECT_EQ(verdict(cause), "TIME K4 proven");
  EXPECT_THAT(evidence(cause),
              AllOf(HasSubstr("two.txt, time: 2026-11-24 10:00:00, then 2026-11-24 10:00:08"),
                    HasSubstr("two.txt, time in its header"), Not(HasSubstr("one.txt"))));
}

TEST(Zip, ReadsTheTimesOfExtraFields) {
  const auto cause = explain("app.whl", sample("zip_unix_time"));
  EXPECT_EQ(verdict(cause), "TIME K4 proven");
  EXPECT_THAT(evidence(cause),
              HasSubstr("extra field 0x5455 #0 (modified): 2026-11-24T10:00:00Z, then 2026-11-24T10:00:09Z"));
}

TEST(Zip, ReadsWhatTheJarToolWrote) {
  const auto cause = explain("opt/a.jar", sample("jar_time"));
  EXPECT_EQ(verdict(cause), "TIME J3 proven");
  EXPECT_THAT(fix(cause), HasSubstr("outputTimestamp"));
}

TEST(Zip, NamesTheOrder) {
  const auto cause = explain("app.zip", sample("zip_order"));
  EXPECT_EQ(verdict(cause), "ORDER J4 proven");
  EXPECT_EQ(evidence(cause), "member 1: \"one.txt\", then \"two.txt\"\n");
}

TEST(Zip, NamesModesAndPacking) {
  const auto mode = explain("app.zip", sample("zip_mode"));
  EXPECT_EQ(verdict(mode), "PERM J4 proven");
  EXPECT_THAT(evidence(mode), HasSubstr("one.txt, mode: 100644, then 100664"));
  const auto packing = explain("app.zip", sample("zip_packing"));
  EXPECT_EQ(verdict(packing), "COMP K4 proven");
  EXPECT_THAT(evidence(packing), HasSubstr("hold the same 100"));
}

TEST(Zip, LeavesOtherContentUnknown) {
  EXPECT_EQ(verdict(explain("app.zip", sample("zip_content"))), "unknown");
  EXPECT_EQ(verdict(explain("app.zip", sample("zip_member"))), "unknown");
}

TEST(Zip, SupposesTheTimeWhereContentDiffersToo) {
  const auto cause = explain("app.zip", sample("zip_time").b, sample("zip_content").b);
  EXPECT_EQ(verdict(cause), "TIME K4 supposed");
  EXPECT_THAT(evidence(cause), HasSubstr("not explained: content of \"two.txt\""));
}

TEST(Zip, SeesBytesThatBelongToNoEntry) {
  const Sample two = sample("zip_time");
  // A comment of the archive, and bytes before the directory.
  std::string comment = two.b;
  comment[comment.size() - 2] = 3;
  EXPECT_EQ(verdict(explain("app.zip", two.a, comment + "abc")), "TIME K4 supposed");
  std::string lying = two.b;
  lying[14] ^= 1;  // the checksum in a local header
  EXPECT_EQ(verdict(explain("app.zip", two.a, lying)), "TIME K4 supposed");
}

TEST(Jar, NamesTheAttributesOfTheManifest) {
  const auto cause = explain("opt/app.jar", sample("zip_manifest"));
  EXPECT_EQ(verdict(cause), "TIME J3 proven");
  EXPECT_THAT(evidence(cause),
              AllOf(HasSubstr("also HOST (J5)"), HasSubstr("Built-By: \"ada\", then \"bob\""),
                    HasSubstr("also TIME (J5)")));
}

TEST(Jar, ReadsManifestsThatWereUnpacked) {
  const std::string path = "app/META-INF/MANIFEST.MF";
  const std::string head = "Manifest-Version: 1.0\r\n";
  EXPECT_EQ(verdict(explain(path, head + "Bnd-LastModified: 1795514400000\r\n",
                            head + "Bnd-LastModified: 1795514407000\r\n")),
            "TIME J5 proven");
  EXPECT_EQ(verdict(explain(path, head + "Created-By: 17\r\n", head + "Created-By: a long\r\n  name\r\n")),
            "VERS J5 proven");
  EXPECT_EQ(verdict(explain(path, head + "Main-Class: A\r\n", head + "Main-Class: B\r\n")), "unknown");
  EXPECT_EQ(verdict(explain(path, head + "Main-Class: A\r\nBuilt-By: a\r\n",
                            head + "Main-Class: B\r\nBuilt-By: b\r\n")),
            "HOST J5 supposed");
}

TEST(Jar, NamesTheDateOfStoredProperties) {
  const auto cause = explain("opt/app.jar", sample("zip_properties"));
  EXPECT_EQ(verdict(cause), "TIME J6 proven");
  EXPECT_THAT(evidence(cause), HasSubstr("\"#Tue Nov 24 10:00:03 UTC 2026\", then "));
  EXPECT_EQ(verdict(explain("a.properties", "#Tue Nov 24 10:00:03 CET 2026\na=1\n",
                            "#Tue Nov 24 10:00:04 CEST 2026\na=2\n")),
            "TIME J6 supposed");
  EXPECT_EQ(verdict(explain("a.properties", "#Tue morning\na=1\n", "#Wed morning\na=1\n")), "unknown");
}

}  // namespace
}  // namespace buildlab::causes
