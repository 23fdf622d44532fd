#include "framework/cache_keys/differences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::cache_keys {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

FileKey file(const std::string& digest, const std::string& mode, const std::string& size,
             const std::string& attribute = "") {
  FileKey key{digest,
              {"name", "mode" + mode, "uid0", "gid0", "size" + size, "typeflag0", "linkname", "uname",
               "gname", "devmajor0", "devminor0"}};
  if (!attribute.empty()) key.header.push_back(attribute);
  return key;
}

std::vector<FileDifference> between(const FileKey& before, const FileKey& now) {
  return differing_files({{{"", before}}}, {{{"", now}}}, {"/a"});
}

TEST(DifferingMembers, AreNamedWithoutTheirValues) {
  EXPECT_THAT(
      differing_members(R"({"Exec":{"meta":{"env":["A=1"],"cwd":"/"}},"OS":"linux"})",
                        R"({"Exec":{"meta":{"env":["A=2","B=3"],"cwd":"/"}},"OS":"linux","Arch":"x"})"),
      ElementsAre("Exec.meta.env", "Arch"));
  EXPECT_THAT(differing_members(R"({"a":1,"b":2})", R"({"b":2,"a":1})"), IsEmpty()) << "in another order";
  // {"dest":"/a","src":"b"} and {"dest":"/c","src":"b"}
  EXPECT_THAT(differing_members(R"({"Actions":["eyJkZXN0IjoiL2EiLCJzcmMiOiJiIn0="]})",
                                R"({"Actions":["eyJkZXN0IjoiL2MiLCJzcmMiOiJiIn0="]})"),
              ElementsAre("Actions[0].dest"));
  EXPECT_THAT(differing_members(R"({"Actions":[{"a":1}]})", R"({"Actions":[{"a":1},{"b":1}]})"),
              ElementsAre("Actions"));
}

TEST(DifferingFiles, TellWhatOfAHeaderIsAnother) {
  EXPECT_THAT(between(file("1", "420", "5"), file("2", "384", "5")),
              ElementsAre(FileDifference{"/a", true, "mode 0644 -> 0600"}));
  EXPECT_THAT(between(file("1", "420", "5"), file("2", "420", "7")),
              ElementsAre(FileDifference{"/a", false, "content, 5 -> 7 bytes"}));
  EXPECT_THAT(between(file("1", "420", "5"), file("2", "420", "5")),
              ElementsAre(FileDifference{"/a", false, "content"}));
  EXPECT_THAT(between(file("1", "420", "5"), file("2", "420", "5", "user.mark1")),
              ElementsAre(FileDifference{"/a", true, "extended attributes"}));
  EXPECT_THAT(between(file("1", "420", "5"), file("1", "420", "5")), IsEmpty());
}

TEST(DifferingFiles, SayLittleOfAHeaderThatIsNotKnown) {
  EXPECT_THAT(between({"1", {}}, file("2", "420", "5")),
              ElementsAre(FileDifference{"/a", false, "content or metadata"}));
  EXPECT_THAT(between({"1", {"mode420"}}, {"2", {"mode384"}}),
              ElementsAre(FileDifference{"/a", false, "content or metadata"}));
}

TEST(DifferingFiles, AreNewOrGoneToo) {
  const FileKey one = file("1", "420", "5");
  EXPECT_THAT(differing_files({{{"", one}, {"x", one}}, {}}, {{{"", one}}, {{"y", one}}}, {"/a", "/b/"}),
              ElementsAre(FileDifference{"/a/x", false, "gone"}, FileDifference{"/b/y", false, "new"}));
  EXPECT_THAT(differing_files({{{"x", one}}}, Content{Tree{}}, {}),
              ElementsAre(FileDifference{"x", false, "gone"}));
  EXPECT_THAT(differing_files({{{"x", one}}}, {}, {}), IsEmpty()) << "another number of paths";
}

}  // namespace
}  // namespace buildlab::cache_keys
