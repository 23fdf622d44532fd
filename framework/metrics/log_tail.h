// The last lines of a vertex's output, kept while pieces of it stream by. Bounded memory.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace buildlab::metrics {

// Standard base64 with padding, appended to `out` (whatever was decoded before an error stays in it). False
// when the text is not base64.
bool decode_base64(std::string_view text, std::string& out);

class LogTail {
 public:
  static constexpr std::size_t k_lines = 40;
  static constexpr std::size_t k_line_bytes = 500;

  // Pieces may end in the middle of a line. A carriage return starts the line anew, as on a terminal.
  void add(std::string_view bytes);
  // The kept lines, the unfinished one last. A line that was too long is cut at a character's border.
  std::vector<std::string> lines() const;

 private:
  void end_line();

  std::deque<std::string> m_lines;
  std::string m_open;
  bool m_returned = false;  // a carriage return was the last byte seen
};

}  // namespace buildlab::metrics
