// Every change of every byte of a signed file, and every cut, is noticed.
#include <gtest/gtest.h>
#include <array>

#include "tests/unit/statement/statement_fixture.h"

namespace buildlab::statement {
namespace {

class TamperedFile : public ::testing::TestWithParam<std::vector<std::string>> {
 protected:
  TamperedFile()
      : m_text(signed_file(statement_of({"app", "app"}), GetParam())), m_policy(trusting(GetParam())) {}

  std::string m_text;
  Policy m_policy;
};

TEST_P(TamperedFile, IsBelievedUnchanged) {
  const auto checked = check(m_text, m_policy);
  ASSERT_TRUE(checked) << checked.error().reason;
  EXPECT_EQ(checked->signers.size(), GetParam().size());
  EXPECT_EQ(checked->statement, statement_of({"app", "app"}));
  EXPECT_EQ(checked->file_digest, sha256(m_text).text());
}

TEST_P(TamperedFile, IsRefusedWithAnyByteChanged) {
  for (std::size_t i = 0; i < m_text.size(); ++i) {
    for (const unsigned bits : std::array{0x01U, 0x20U, 0x80U}) {
      std::string changed = m_text;
      changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ bits);
      EXPECT_FALSE(check(changed, m_policy)) << "byte " << i << " ^ " << bits << ": " << changed[i];
    }
  }
}

TEST_P(TamperedFile, IsRefusedCutAnywhere) {
  for (std::size_t size = 0; size < m_text.size(); ++size)
    EXPECT_FALSE(check(std::string_view(m_text).substr(0, size), m_policy)) << size;
}

TEST_P(TamperedFile, IsRefusedWithAByteMoreAnywhere) {
  for (std::size_t i = 0; i <= m_text.size(); ++i) {
    for (const char c : {' ', '\n', 'A', '='}) {
      std::string changed = m_text;
      changed.insert(i, 1, c);
      EXPECT_FALSE(check(changed, m_policy)) << "at " << i;
    }
    if (i == m_text.size()) continue;
    std::string changed = m_text;
    changed.erase(i, 1);
    EXPECT_FALSE(check(changed, m_policy)) << "without " << i;
  }
}

// What the signature covers stays covered; only its wrapping may be another.
TEST_P(TamperedFile, IsNeverBelievedToSaySomethingElseLeniently) {
  m_policy.lenient = true;
  const Statement said = statement_of({"app", "app"});
  for (std::size_t i = 0; i < m_text.size(); ++i) {
    std::string changed = m_text;
    changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ 0x01U);
    const auto checked = check(changed, m_policy);
    if (checked) {
      EXPECT_EQ(checked->statement, said) << "byte " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Signed, TamperedFile,
                         ::testing::Values(std::vector<std::string>{"one"},
                                           std::vector<std::string>{"one", "two"}));

}  // namespace
}  // namespace buildlab::statement
