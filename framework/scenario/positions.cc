#include "framework/scenario/positions.h"

#include <optional>

#include "framework/base/json.h"

namespace buildlab::scenario {
namespace {

struct Open {
  std::string pointer;
  bool is_object = false;
  std::size_t next_index = 0;
  std::map<std::string, int, std::less<>> keys = {};
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : m_text(text) {}

  Positions run() {
    m_positions.lines.emplace("", 1);
    while (m_at < m_text.size()) step(m_text[m_at]);
    return std::move(m_positions);
  }

 private:
  void step(char c) {
    if (c == '\n') ++m_line;
    if (c == '{' || c == '[') {
      m_open.push_back({place(), c == '{'});
      m_expects_key = c == '{';
      ++m_at;
    } else if (c == '}' || c == ']') {
      if (!m_open.empty()) m_open.pop_back();
      m_expects_key = false;
      ++m_at;
    } else if (c == ',') {
      m_expects_key = !m_open.empty() && m_open.back().is_object;
      ++m_at;
    } else if (c == '"') {
      const std::string_view quoted = take_string();
      m_expects_key ? take_key(quoted) : static_cast<void>(place());
    } else if (c == ':' || c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++m_at;
    } else {
      place();
      while (m_at < m_text.size() &&
             std::string_view(",]} \t\r\n").find(m_text[m_at]) == std::string_view::npos)
        ++m_at;
    }
  }

  std::string_view take_string() {
    const std::size_t start = m_at++;
    while (m_at < m_text.size() && m_text[m_at] != '"') m_at += m_text[m_at] == '\\' ? 2 : 1;
    return m_text.substr(start, ++m_at - start);
  }

  void take_key(std::string_view quoted) {
    Open& open = m_open.back();
    const Json key = Json::parse(quoted, nullptr, false);
    const std::string name = key.is_string() ? key.get<std::string>() : std::string(quoted);
    m_pending = child_pointer(open.pointer, name);
    const auto [first, is_new] = open.keys.emplace(name, m_line);
    if (!is_new) m_positions.duplicates.push_back({*m_pending, name, first->second, m_line});
    m_positions.lines.insert_or_assign(*m_pending, m_line);
    m_expects_key = false;
  }

  // The pointer of the value that starts here.
  std::string place() {
    if (m_pending) {
      std::string pointer = std::move(*m_pending);
      m_pending.reset();
      return pointer;
    }
    if (m_open.empty()) return "";
    std::string pointer = child_pointer(m_open.back().pointer, std::to_string(m_open.back().next_index++));
    m_positions.lines.insert_or_assign(pointer, m_line);
    return pointer;
  }

  std::string_view m_text;
  std::size_t m_at = 0;
  int m_line = 1;
  bool m_expects_key = false;
  std::vector<Open> m_open;
  std::optional<std::string> m_pending;  // the pointer of the value behind the key just read
  Positions m_positions;
};

}  // namespace

int Positions::line(std::string_view pointer) const {
  while (true) {
    if (const auto found = lines.find(pointer); found != lines.end()) return found->second;
    const auto slash = pointer.rfind('/');
    if (slash == std::string_view::npos) return 1;
    pointer = pointer.substr(0, slash);
  }
}

Positions scan_positions(std::string_view text) {
  return Scanner(text).run();
}

std::string child_pointer(std::string_view parent, std::string_view key) {
  std::string pointer(parent);
  pointer += '/';
  for (const char c : key) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

}  // namespace buildlab::scenario
