#include "tests/unit/drift/drift_fixture.h"

namespace buildlab::drift {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Attributes : public TwoImages {
 protected:
  template <typename Change>
  std::string changed(const std::string& path, const Change& change) {
    return text(compare(tree(), with(path, change)));
  }
  std::string against(const std::vector<Entry>& other) { return text(compare(tree(), other)); }
};

TEST_F(Attributes, EqualImagesAreIdentical) {
  EXPECT_EQ(against(tree()), "identical");
}

TEST_F(Attributes, EveryOneOfAnEntryIsFoundAlone) {
  EXPECT_EQ(changed("etc/a", [](Entry& e) { e.content = "hellO"; }), "different; 1 etc/a content");
  EXPECT_EQ(changed("etc/a", [](Entry& e) { e.content = "hello!"; }),
            "different; 1 etc/a content; 1 etc/a size 5 -> 6");
  EXPECT_EQ(changed("etc/a", [](Entry& e) { e.mode = 0664; }), "different; 1 etc/a mode 644 -> 664");
  EXPECT_EQ(changed("etc/", [](Entry& e) { e.mode = 02755; }), "different; 1 etc mode 755 -> 2755");
  EXPECT_EQ(changed("etc/a", [](Entry& e) { e.uid = 5; }), "different; 1 etc/a uid 0 -> 5");
  EXPECT_EQ(changed("etc/a", [](Entry& e) { e.gid = 5; }), "different; 1 etc/a gid 0 -> 5");
  EXPECT_EQ(changed("etc/a", [](Entry& e) { e.uname = "root"; }), "different; 1 etc/a uname  -> root");
  EXPECT_EQ(changed("etc/a", [](Entry& e) { e.gname = "root"; }), "different; 1 etc/a gname  -> root");
  EXPECT_EQ(changed("etc/a", [](Entry& e) { e.mtime = 2000; }), "different; 1 etc/a mtime 1000 -> 2000");
  EXPECT_EQ(changed("etc/a",
                    [](Entry& e) {
                      e.pax = {{"mtime", "1000.5"}};
                    }),
            "different; 1 etc/a mtime 1000 -> 1000.500000000");
  EXPECT_EQ(changed("etc/a", [](Entry& e) { e.pax = {{"atime", "7"}}; }), "different; 1 etc/a atime  -> 7");
  EXPECT_EQ(changed("etc/a", [](Entry& e) { e.pax = {{"ctime", "7"}}; }), "different; 1 etc/a ctime  -> 7");
  EXPECT_EQ(changed("etc/l", [](Entry& e) { e.link = "b"; }), "different; 1 etc/l linktarget a -> b");
  EXPECT_EQ(changed("etc/null", [](Entry& e) { e.device_minor = 5; }),
            "different; 1 etc/null device 1:3 -> 1:5");
  EXPECT_EQ(changed("etc/null", [](Entry& e) { e.type = '4'; }),
            "different; 1 etc/null type character device -> block device");
  EXPECT_EQ(changed("etc/l", [](Entry& e) { e.type = '0'; }), "different; 1 etc/l type symlink to a -> file");
}

TEST_F(Attributes, XattrsAreAllCompared) {
  const auto set = [](const std::string& key, const std::string& value) {
    return [=](Entry& e) { e.pax[key] = value; };
  };
  EXPECT_EQ(changed("etc/capable", set("SCHILY.xattr.security.capability", "abd")),
            "different; 1 etc/capable xattr security.capability 0x616263 -> 0x616264");
  EXPECT_EQ(changed("etc/capable", set("SCHILY.xattr.user.x", "y")),
            "different; 1 etc/capable xattr user.x (absent) -> 0x79");
  EXPECT_EQ(changed("etc/capable", [](Entry& e) { e.pax.clear(); }),
            "different; 1 etc/capable xattr security.capability 0x616263 -> (absent)");
}

TEST_F(Attributes, EntriesOfOneImageOnlyAreFound) {
  std::vector<Entry> fewer = tree();
  fewer.erase(fewer.begin() + 1);
  EXPECT_EQ(against(fewer), "different; 1 etc/a missing file -> ");
  std::vector<Entry> more = tree();
  more.insert(more.begin() + 2, {"etc/aa", "new"});
  EXPECT_EQ(against(more), "different; 1 etc/aa added  -> file");
  // Also where the names are not sorted.
  more = tree();
  more.insert(more.begin() + 1, {"zzz", "new"});
  EXPECT_EQ(against(more), "different; 1 zzz added  -> file");
}

TEST_F(Attributes, AContentIsComparedAcrossDifferentPlaces) {
  std::vector<Entry> other = with("etc/a", [](Entry& e) { e.content = "hellO"; });
  std::swap(other[1], other[2]);
  EXPECT_THAT(against(other), StartsWith("different; 1 etc/a content; 1 - order"));
}

TEST_F(Attributes, OtherBytesOfTheSameTreeAreRepresentation) {
  std::vector<Entry> other = tree();
  std::swap(other[1], other[2]);
  EXPECT_THAT(against(other), StartsWith("representation; 1 - order its order -> 1 of 9 entries"));
  other = tree();
  for (Entry& entry : other) entry.path = "./" + entry.path;
  EXPECT_THAT(against(other), StartsWith("representation; 1 etc format path etc/ -> ./etc/"));
  other = with("etc/a", [](Entry& e) { e.gnu = true; });
  EXPECT_EQ(against(other), "representation; 1 etc/a format ustar -> gnu");
  other = with("etc/capable", [](Entry& e) { e.pax_name = "etc/PaxHeaders.77/capable"; });
  EXPECT_EQ(against(other),
            "representation; 1 etc/capable format pax header PaxHeaders/x -> etc/PaxHeaders.77/capable");
  other = tree();
  other.push_back({"usr/.wh.nothing", ""});
  EXPECT_EQ(against(other), "representation; 1 usr/.wh.nothing added  -> whiteout");
  other = tree();
  other.push_back(other[1]);
  EXPECT_EQ(against(other),
            "representation; 1 etc/a format entries that others replace 1 entry -> the last of 2 entries");
}

TEST_F(Attributes, ALastDuplicateThatDiffersIsADifference) {
  std::vector<Entry> other = tree();
  other.push_back({"etc/a", "another"});
  EXPECT_EQ(against(other), "different; 1 etc/a content; 1 etc/a size 5 -> 7");
}

TEST_F(Attributes, PaddingAndTrailersAreNotPassedOver) {
  const ImageSpec whole{{synthetic::tar_of(tree())}};
  ImageSpec other = whole;
  other.tars[0] += std::string(512, '\0');
  EXPECT_EQ(text(compare(whole, other)),
            "representation; 1 - format end of the archive 1024 bytes -> 1536 bytes");
  other.tars[0] = whole.tars[0] + std::string("hidden") + std::string(506, '\0');
  EXPECT_EQ(text(compare(whole, other)),
            "representation; 1 - format end of the archive 1024 bytes -> 1536 "
            "bytes, not all of them zero");
  other.tars[0] = whole.tars[0];
  const std::size_t padding = other.tars[0].find("hello") + 5;
  other.tars[0][padding] = 'x';
  EXPECT_THAT(text(compare(whole, other)), StartsWith("representation; 1 - format padding"));
}

TEST_F(Attributes, HardLinksAreComparedAsWhatTheyName) {
  std::vector<Entry> swapped = tree();
  swapped[7] = {"usr/h", "", '1', "usr/i"};
  swapped[8] = {"usr/i", "link"};
  EXPECT_EQ(against(swapped),
            "representation; 1 usr/h type file -> hardlink to usr/i; 1 usr/i type hardlink "
            "to usr/h -> file");
  swapped[8].content = "lonk";
  EXPECT_THAT(against(swapped), StartsWith("different; 1 usr/h content; "));
  EXPECT_EQ(changed("usr/i", [](Entry& e) { e = {"usr/i", "link"}; }), "different; 1 usr/i nlink 2 -> 1");
}

TEST_F(Attributes, CompressionIsToldFromContent) {
  const ImageSpec whole{{synthetic::tar_of(tree())}};
  ImageSpec other = whole;
  other.gzip_mtime = 5;
  EXPECT_EQ(text(compare(whole, other)), "representation; 1 - compression");
  other.gzip = false;
  EXPECT_THAT(
      text(compare(whole, other)),
      StartsWith("representation; 1 - compression; 1 - mediatype layer "
                 "application/vnd.oci.image.layer.v1.tar+gzip -> application/vnd.oci.image.layer.v1.tar"));
}

TEST_F(Attributes, ConfigurationAndManifestAreComparedMemberByMember) {
  const ImageSpec whole{{synthetic::tar_of(tree())}};
  ImageSpec other = whole;
  other.config = {{"Env", Json::array({"A=2"})}};
  EXPECT_EQ(text(compare(whole, other)), R"(different; 0 - config.Env Env ["A=1"] -> ["A=2"])");
  other.config = {{"Env", Json::array({"A=1"})}, {"Labels", {{"built", "now"}}}};
  EXPECT_EQ(text(compare(whole, other)), "different; 0 - config.Labels Labels.built (absent) -> now");
  other = whole;
  other.more = {{"created", "2026-01-01T00:00:00Z"}};
  EXPECT_EQ(text(compare(whole, other)),
            "different; 0 - config.created created (absent) -> 2026-01-01T00:00:00Z");
  other = whole;
  other.more = {{"history", Json::array({{{"created", "2026-01-01T00:00:00Z"}}})}};
  EXPECT_THAT(text(compare(whole, other)), HasSubstr("different; 0 - history 0 entries -> 1 entries"));
  ImageSpec later = other;
  later.more["history"][0]["created"] = "2026-01-01T00:00:09Z";
  EXPECT_EQ(text(compare(other, later)),
            "different; 0 - history 1.created 2026-01-01T00:00:00Z -> 2026-01-01T00:00:09Z");
  other = whole;
  other.annotations = {{"note", "x"}};
  EXPECT_EQ(text(compare(whole, other)), "representation; 0 - annotation note (absent) -> x");
  other = whole;
  other.layer_type = "application/vnd.docker.image.rootfs.diff.tar.gzip";
  EXPECT_THAT(text(compare(whole, other)), StartsWith("representation; 1 - mediatype layer"));
  // The same values in another order of members.
  other = whole;
  other.more = {{"b", 1}, {"a", 2}};
  later = whole;
  later.more = {{"a", 2}, {"b", 1}};
  EXPECT_THAT(text(compare(other, later)), StartsWith("representation; 0 - format JSON of the config"));
}

class ConfigText : public TwoImages {
 protected:
  std::string against(const std::string& a, const std::string& b) {
    ImageSpec left{{synthetic::tar_of(tree())}};
    ImageSpec right = left;
    left.more_text = a;
    right.more_text = b;
    return text(compare(left, right));
  }
};

TEST_F(ConfigText, NumbersAreComparedBeyondWhatADoubleHolds) {
  EXPECT_EQ(against(R"("n":123456789012345678901234567890)", R"("n":123456789012345678901234567891)"),
            "different; 0 - config.n n 123456789012345678901234567890 -> 123456789012345678901234567891");
  EXPECT_EQ(against(R"("n":0.1)", R"("n":0.10000000000000000001)"),
            "different; 0 - config.n n 0.1 -> 0.10000000000000000001");
  EXPECT_EQ(against(R"("n":[{"m":1e-400}])", R"("n":[{"m":2e-400}])"),
            R"(different; 0 - config.n n [{"m":1e-400}] -> [{"m":2e-400}])");
  // The text of a number is no number.
  EXPECT_EQ(against(R"("n":[0.10000000000000000001])", R"("n":["0.10000000000000000001"])"),
            R"(different; 0 - config.n n [0.10000000000000000001] -> ["0.10000000000000000001"])");
  EXPECT_THAT(against(R"("n":0.5)", R"("n":50e-2)"), StartsWith("representation; 0 - format JSON of the"));
}

TEST_F(ConfigText, MembersNamedTwiceAreAllCompared) {
  EXPECT_EQ(against(R"("User":"root","User":"me")", R"("User":"you","User":"me")"),
            "different; 0 - config.User (named again, 1) User (named again, 1) root -> you");
  EXPECT_EQ(against(R"("n":{"a":1,"a":2})", R"("n":{"a":3,"a":2})"),
            R"(different; 0 - config.n n {"a":1,"a":2} -> {"a":3,"a":2})");
  EXPECT_THAT(against(R"("n":1,"n":2)", R"("n":2)"), StartsWith("different; 0 - config.n"));
}

TEST_F(ConfigText, MembersOfAnotherKindAreCompared) {
  EXPECT_EQ(against(R"("n":1)", R"("n":"1")"), R"(different; 0 - config.n n 1 -> "1")");
  EXPECT_THAT(against(R"("history":1)", R"("history":2)"), StartsWith("different; 0 - config.history"));
  EXPECT_THAT(against(R"("config":"a")", R"("config":"b")"), StartsWith("different; 0 - config.config"));
}

TEST_F(ConfigText, ANumberThatIsTooLargeIsAnError) {
  EXPECT_THAT(against(R"("n":1e400)", R"("n":1)"),
              HasSubstr("config: the number '1e400' is larger than any that can be read"));
}

}  // namespace
}  // namespace buildlab::drift
