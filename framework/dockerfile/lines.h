// Private to the room: physical lines -> logical ones (directives, comments, continuations), one at a time,
// because only the instruction itself tells whether heredoc bodies follow it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "framework/base/result.h"
#include "framework/dockerfile/dockerfile.h"

namespace buildlab::dockerfile {

struct LogicalLine {
  std::string exact;  // as BuildKit joins it: continuations glued without a blank
  std::string text;   // for people: white space around a join becomes one blank
  LineRange lines;
};

class LineReader {
 public:
  LineReader(std::string_view text, std::string_view name);

  // The next instruction's line; nullopt at the end.
  Result<std::optional<LogicalLine>> next();
  // Lines up to the terminator, which is taken too; `line` is moved to the terminator's.
  Result<std::string> heredoc_body(std::string_view terminator, bool strip_tabs, LineRange& lines);

  char escape() const { return m_escape; }

 private:
  struct Physical {
    std::string_view whole;  // with its newline
    std::string_view text;   // without newline and carriage returns
  };
  Result<std::optional<Physical>> physical();
  Status directive(std::string_view line);
  // The line without its continuation mark, or nullopt when it has none.
  std::optional<std::string_view> continued(std::string_view line) const;
  tl::unexpected<Error> error(int line, std::string_view what) const;

  std::string_view m_rest;
  std::string_view m_name;
  int m_line = 0;
  char m_escape = '\\';
  bool m_directives_over = false;
  std::set<std::string> m_directives;
};

// The frontend image that the `# syntax=` directive names (also `// syntax=` and {"syntax": …}), or nullopt.
std::optional<std::string> find_syntax(std::string_view text);

}  // namespace buildlab::dockerfile
