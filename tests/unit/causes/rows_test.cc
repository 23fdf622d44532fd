#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "framework/causes/catalogue.h"
#include "framework/causes/recognise.h"
#include "tests/unit/causes/row_case.h"

namespace buildlab::causes {
namespace {

template <typename T>
std::vector<T> joined(std::initializer_list<std::vector<T>> lists) {
  std::vector<T> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

std::vector<RowCase> all_cases() {
  return joined({image_and_debian_cases(), distribution_cases(), language_cases(), compiled_cases()});
}

std::vector<NearMiss> all_misses() {
  return joined({near_misses(), compiled_near_misses()});
}

TEST(Rows, EachIsRecognised) {
  for (const RowCase& example : all_cases()) {
    SCOPED_TRACE(example.row + " " + example.path);
    const auto cause = of_content(ContentPair{example.path, example.a, example.b}, built_now());
    EXPECT_TRUE(cause);
    if (!cause) continue;
    EXPECT_EQ(cause->row, example.row);
    EXPECT_EQ(to_string(cause->kind), to_string(example.kind));
    EXPECT_EQ(cause->proven, example.proven);
    EXPECT_THAT(cause->evidence, testing::Not(testing::IsEmpty()));
    EXPECT_FALSE(cause->fix.empty());
    EXPECT_TRUE(cause->root.empty());
  }
}

TEST(Rows, NearMissesAreNotTakenForThem) {
  for (const NearMiss& example : all_misses()) {
    const auto cause = of_content(ContentPair{example.path, example.a, example.b}, built_now());
    EXPECT_NE(cause ? cause->row : "none", example.row) << example.path;
  }
}

TEST(Rows, EntriesOfOneImageHaveTheirs) {
  for (const PresenceCase& example : presence_cases()) {
    SCOPED_TRACE(example.row + " " + example.path);
    const auto cause = of_presence(Presence{example.path, example.entry, false}, built_now());
    EXPECT_EQ(cause ? cause->row : "", example.row);
    if (!cause) continue;
    EXPECT_EQ(to_string(cause->kind), to_string(example.kind));
    EXPECT_FALSE(cause->proven);
    EXPECT_THAT(cause->evidence.front(), testing::HasSubstr("only the second image has it"));
  }
}

TEST(Rows, EveryCheckHasACaseAndANearMiss) {
  std::set<std::string> cases;
  for (const RowCase& example : all_cases()) cases.insert(example.row);
  std::set<std::string> misses;
  for (const NearMiss& example : all_misses()) misses.insert(example.row);
  for (const Row& row : catalogue()) {
    if (row.check == nullptr) continue;
    EXPECT_TRUE(cases.contains(std::string(row.id))) << row.id << " is never recognised";
    EXPECT_TRUE(misses.contains(std::string(row.id))) << row.id << " has no near miss";
  }
}

TEST(Rows, AreCompleteAndInOrder) {
  std::set<std::string_view> ids;
  for (const Row& row : catalogue()) {
    ids.insert(row.id);
    EXPECT_FALSE(row.name.empty()) << row.id;
    EXPECT_FALSE(row.fix.empty()) << row.id;
    EXPECT_EQ(row.paths.empty(), row.check == nullptr && row.over.empty()) << row.id;
  }
  const std::map<char, int> numbers = {{'A', 31}, {'B', 28}, {'C', 15}, {'D', 4},  {'E', 11},
                                       {'F', 7},  {'H', 18}, {'I', 13}, {'J', 10}, {'K', 7}};
  std::size_t total = 0;
  for (const auto& [letter, count] : numbers) {
    for (int i = 1; i <= count; ++i) {
      EXPECT_NE(find_row(std::string(&letter, 1).append(std::to_string(i))), nullptr) << letter << i;
    }
    total += static_cast<std::size_t>(count);
  }
  EXPECT_EQ(ids.size(), total);
  EXPECT_EQ(find_row("Z1"), nullptr);
}

TEST(Rows, SecretsAreNotShown) {
  const auto key =
      of_content({"etc/ssh/ssh_host_rsa_key", "-----BEGIN OPENSSH PRIVATE KEY-----\nTOPSECRET1\n",
                  "-----BEGIN OPENSSH PRIVATE KEY-----\nTOPSECRET2\n"},
                 {});
  ASSERT_TRUE(key);
  const auto hash = of_content(
      {"etc/shadow", "app:$6$salta$TOPSECRET1:1:0:99999:7:::\n", "app:$6$saltb$TOPSECRET2:1:0:99999:7:::\n"},
      {});
  ASSERT_TRUE(hash);
  const auto order =
      of_content({"etc/shadow", "a:$6$x$TOPSECRET1:1:0:99999:7:::\nb:$6$y$TOPSECRET2:1:0:99999:7:::\n",
                  "b:$6$y$TOPSECRET2:1:0:99999:7:::\na:$6$x$TOPSECRET1:1:0:99999:7:::\n"},
                 {});
  ASSERT_TRUE(order);
  for (const auto& cause : {key, hash, order}) {
    for (const std::string& line : cause->evidence)
      EXPECT_EQ(line.find("TOPSECRET"), std::string::npos) << line;
  }
}

TEST(Rows, TheMoreSpecificPathIsAskedFirst) {
  EXPECT_EQ(of_content({"root/.cache/uv/x", "a", "b"}, {})->row, "E8");
  EXPECT_EQ(of_content({"root/.cache/other/x", "a", "b"}, {})->row, "I12");
}

}  // namespace
}  // namespace buildlab::causes
