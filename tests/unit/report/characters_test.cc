#include "framework/report/characters.h"

#include <gtest/gtest.h>

#include "tests/unit/report/hostile_texts.h"

namespace buildlab::report {
namespace {

std::vector<char32_t> characters(std::string_view text) {
  std::vector<char32_t> all;
  while (!text.empty()) all.push_back(take_character(text));
  return all;
}

TEST(Characters, DecodesAllLengths) {
  EXPECT_EQ(characters("aé→🚀"), (std::vector<char32_t>{'a', 0xE9, 0x2192, 0x1F680}));
}

TEST(Characters, ReadsWrongBytesAsReplacements) {
  // Overlong, surrogate, beyond Unicode, cut short: one replacement for each byte.
  EXPECT_EQ(characters("\xc0\xaf").size(), 2U);
  EXPECT_EQ(characters("\xe0\x80\xaf"), std::vector<char32_t>(3, k_replacement));
  EXPECT_EQ(characters("\xed\xa0\x80"), std::vector<char32_t>(3, k_replacement));
  EXPECT_EQ(characters("\xf4\x90\x80\x80"), std::vector<char32_t>(4, k_replacement));
  EXPECT_EQ(characters("\xe2\x82"), std::vector<char32_t>(2, k_replacement));
}

TEST(Characters, EncodesWhatItDecoded) {
  for (const char32_t c : {U'a', U'\x7ff', U'\x800', U'\xffff', U'\x10000', U'\x10fffd'}) {
    std::string text;
    append_utf8(text, c);
    EXPECT_EQ(characters(text), std::vector<char32_t>{c});
  }
}

TEST(Printable, RemovesEscapeSequencesOfTerminals) {
  EXPECT_EQ(printable("\x1b[1;31mred\x1b[0m"), "red");
  EXPECT_EQ(printable("\x1b]0;title\x07rest"), "rest");
  EXPECT_EQ(printable("\x1b]8;;http://x\x1b\\link"), "link");
  EXPECT_EQ(printable("end\x1b["), "end");
  EXPECT_EQ(printable("end\x1b"), "end");
}

TEST(Printable, KeepsLinesAndNothingElseThatControls) {
  EXPECT_EQ(printable("a\r\nb\tc\x07"), "a\nb c ");
  for (const std::string& text : testing::hostile_texts()) {
    for (const char32_t c : characters(printable(text))) EXPECT_TRUE(c == '\n' || !is_control(c)) << text;
  }
}

TEST(Columns, CountsWhatATerminalShows) {
  EXPECT_EQ(columns("×2 →"), 4U);
  EXPECT_EQ(columns("日本"), 4U);
  EXPECT_EQ(columns("e\xcc\x81"), 1U);
}

TEST(Columns, PadsAndCutsByThem) {
  EXPECT_EQ(pad_right("日", 4), "日  ");
  EXPECT_EQ(pad_left("→", 3), "  →");
  EXPECT_EQ(cut_to("abcdef", 4), "abc…");
  EXPECT_EQ(cut_to("abcd", 4), "abcd");
  EXPECT_EQ(cut_to("日本語", 4), "日…");
  EXPECT_EQ(cut_to("abc", 0), "");
}

}  // namespace
}  // namespace buildlab::report
