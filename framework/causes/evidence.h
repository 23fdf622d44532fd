// How a cause shows what it saw: where, which value in A, which in B.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace buildlab::causes {

// Without a NUL byte in its beginning.
bool is_text(std::string_view bytes);
// "line 3, column 12" in a text, "offset 8" in anything else.
std::string place_of(std::string_view file, std::size_t offset);
// One line of printable characters, at most `limit` bytes; "nothing" for none.
std::string shown(std::string_view value, std::size_t limit = 80);
// "line 3, column 12: 1795514400, then 1795514407"
std::string change(std::string_view place, std::string_view a, std::string_view b);

// The part that differs, from the beginning of its first line to the end of its last one.
struct Region {
  std::size_t begin = 0;  // in both files
  std::string_view a;
  std::string_view b;
};
Region differing_region(std::string_view a, std::string_view b);

// The first line that differs, in both: "" where there is none.
struct LinePair {
  std::size_t number = 0;  // from 1
  std::string_view a;
  std::string_view b;
};
LinePair first_differing_line(std::string_view a, std::string_view b);

}  // namespace buildlab::causes
