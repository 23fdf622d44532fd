#include "framework/cache_keys/parse_keys.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/base/base64.h"
#include "tests/unit/cache_keys/recorded.h"

namespace buildlab::cache_keys {
namespace {

using test::recorded;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// The operation whose preimage holds the text.
const Operation& with(const KeyStore& store, const std::string& text) {
  static const Operation k_none;
  for (const auto& [digest, operation] : store.operations) {
    if (operation.preimage.find(text) != std::string::npos) return operation;
  }
  return k_none;
}

std::string frame(const std::string& bytes) {
  return R"({"type":2,"data":")" + base64_encode(bytes) + "\"}";
}

TEST(ParseKeys, FindsTheOperationsAndWhatTheyRead) {
  const auto parsed = parse_keys(recorded("before"));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_TRUE(parsed->complete);
  EXPECT_FALSE(parsed->store.of_one_build);
  EXPECT_THAT(parsed->store.operations, SizeIs(6));
  const Operation& run = with(parsed->store, "/dev/urandom");
  ASSERT_THAT(run.inputs, SizeIs(1));
  ASSERT_THAT(run.inputs.at(1), SizeIs(1));
  const Content& mounted = run.inputs.at(1).begin()->second;
  ASSERT_THAT(mounted, SizeIs(1));
  EXPECT_THAT(mounted[0].at("").header, ElementsAre("name", "mode420", "uid0", "gid0", "size2", "typeflag0",
                                                    "linkname", "uname", "gname", "devmajor0", "devminor0"));
}

TEST(ParseKeys, NameFilesByTheirPlaceInAFolder) {
  const KeyStore store = test::keys("after");
  for (const auto& [digest, operation] : store.operations) {
    for (const auto& [input, contents] : operation.inputs) {
      for (const auto& [files, content] : contents) {
        if (content.size() != 1 || content[0].size() < 2) continue;
        std::vector<std::string> paths;
        for (const auto& [path, file] : content[0]) paths.push_back(path);
        EXPECT_THAT(paths, ElementsAre("", "new.txt", "sub", "sub/s.txt", "u.txt"));
        return;
      }
    }
  }
  FAIL() << "no folder";
}

TEST(ParseKeys, KnowThatAPreimageIsMissing) {
  const auto parsed = parse_keys(R"([{"id":1,"digest":"sha256:a"},
    {"id":2,"parents":[{"input":0,"digest":"sha256:b","target":1}]}])");
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->complete);
  EXPECT_THAT(parsed->store.operations, SizeIs(1)) << "it is there, whatever it was computed from";
  EXPECT_EQ(parsed->store.operations.at("sha256:b"), Operation());
}

TEST(ParseKeys, AnEmptyCacheHasNone) {
  EXPECT_THAT(parse_keys("[]")->store.operations, SizeIs(0));
  EXPECT_THAT(parse_keys("null")->store.operations, SizeIs(0));
}

// A key whose step reads one path, of which the daemon made this list.
std::string answer_with(const std::string& list, const std::string& below = "") {
  return R"([{"id":1,"digest":"sha256:x","debug":[{"digest":"sha256:x","type":"string","data":[)" +
         frame("sha256:d@-1") + R"(],"subRecords":[{"digest":"sha256:d","type":"digest-list","data":[)" +
         frame("sha256:l") + R"(],"subRecords":[{"digest":"sha256:l","type":"file-list","data":[)" + list +
         R"(],"subRecords":[)" + below +
         R"(]}]}]}]},{"id":2,"parents":[{"input":0,"digest":"sha256:o","target":1}],"debug":[
         {"digest":"sha256:o","type":"string","subRecords":[{"type":"json","data":[)" +
         frame("{}") + R"(]}]}]}])";
}

// As it is made where a copy excludes files: all of them in one list, folders ending with NUL.
TEST(ParseKeys, TakeAFlatListForTheSame) {
  using namespace std::string_literals;
  const std::string list =
      frame("\0d\0"s) + "," + frame("sha256:1") + "," + frame("\0d\0x"s) + "," + frame("sha256:2");
  const auto parsed =
      parse_keys(answer_with(list, R"({"digest":"sha256:2","type":"file","data":[)" + frame("name") + "]}"));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_FALSE(parsed->complete) << "nothing tells of the folder's header";
  const Content& content = parsed->store.operations.at("sha256:o").inputs.at(0).at("sha256:x");
  EXPECT_THAT(content, ElementsAre(Tree{{"d", {"sha256:1", {}}}, {"d/x", {"sha256:2", {"name"}}}}));
}

TEST(ParseKeys, RefusesWhatIsNoAnswer) {
  EXPECT_THAT(parse_keys("{}").error().message, HasSubstr("not a list"));
  EXPECT_FALSE(parse_keys(""));
  EXPECT_FALSE(parse_keys(recorded("before").substr(0, 9000))) << "cut off";
  EXPECT_THAT(parse_keys(answer_with(frame("name"))).error().message, HasSubstr("list of files"));
  EXPECT_THAT(parse_keys(answer_with(frame("a") + "," + frame("b"))).error().message,
              HasSubstr("without digests"));
}

// Lists, each of which names the next one twice.
std::string doubling(int levels) {
  std::string list = R"({"digest":"sha256:0","type":"file-list","data":[]})";
  for (int level = 1; level < levels; ++level) {
    const std::string below = fmt::format("sha256:{}", level - 1);
    list =
        fmt::format(R"({{"digest":"sha256:{}","type":"file-list","data":[{},{},{},{}],"subRecords":[{}]}})",
                    level, frame("a"), frame(below), frame("b"), frame(below), list);
  }
  return list;
}

TEST(ParseKeys, CountListsThatHoldNothing) {
  const std::string names = frame("x") + "," + frame("sha256:29");
  EXPECT_THAT(parse_keys(answer_with(names, doubling(30))).error().message, HasSubstr("200000 files"));
  const std::string few = frame("x") + "," + frame("sha256:9");
  EXPECT_TRUE(parse_keys(answer_with(few, doubling(10))));
}

TEST(ParseKeys, BoundWhatIsKeptOfFilesThatAreNamedAgainAndAgain) {
  const std::string file =
      R"({"digest":"sha256:f","type":"file","data":[)" + frame(std::string(100'000, 'h')) + "]}";
  std::string names = frame("a") + "," + frame("sha256:f");
  for (int i = 0; i < 3000; ++i) names += "," + frame(fmt::format("f{}", i)) + "," + frame("sha256:f");
  EXPECT_THAT(parse_keys(answer_with(names, file)).error().message, HasSubstr("256000000 bytes"));
}

TEST(ParseKeys, TakesOtherTypesForAbsent) {
  for (const char* text :
       {R"([1,"a",null,[]])", R"([{"id":"x","digest":5,"parents":{},"debug":7}])",
        R"([{"id":1,"parents":[3,{"digest":1},{"digest":"d","input":"x","target":[]}]}])",
        R"([{"id":1,"digest":"d","debug":[{"digest":"d","data":[{"type":2,"data":"%"}]}]}])"}) {
    EXPECT_TRUE(parse_keys(text)) << text;
  }
}

}  // namespace
}  // namespace buildlab::cache_keys
