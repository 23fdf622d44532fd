// Text as Unicode characters: what each format must escape or leave out is decided character by character.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace buildlab::report {

inline constexpr char32_t k_replacement = 0xFFFD;

// The first character of a non-empty text, taken off it. A byte that begins no valid UTF-8 reads as U+FFFD.
char32_t take_character(std::string_view& text);
void append_utf8(std::string& text, char32_t character);

// C0 and C1 controls, DEL, U+2028, U+2029, bidirectional controls, U+FEFF and noncharacters: nothing that a
// person should meet in a report. Tab and line feed are among them.
bool is_control(char32_t character);

// Lines for people: controls but '\n' become a blank, escape sequences of terminals vanish, bytes that are
// not UTF-8 become U+FFFD.
std::string printable(std::string_view text);

// Columns that the text takes on a terminal, taking wide East Asian characters for two and combining ones for
// none.
std::size_t columns(std::string_view text);
// Padded with blanks to `width` columns; longer text is left alone.
std::string pad_right(std::string text, std::size_t width);
std::string pad_left(std::string text, std::size_t width);
// At most `width` columns, with "…" where it was cut.
std::string cut_to(std::string_view text, std::size_t width);

}  // namespace buildlab::report
