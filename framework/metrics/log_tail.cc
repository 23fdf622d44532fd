// Base64 by table; lines in a ring.
#include "framework/metrics/log_tail.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace buildlab::metrics {
namespace {

constexpr std::uint8_t k_invalid = 0xFF;

constexpr std::array<std::uint8_t, 256> make_table() {
  std::array<std::uint8_t, 256> table{};
  table.fill(k_invalid);
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr auto k_table = make_table();

void cut_at_character(std::string& line, std::size_t limit) {
  if (line.size() <= limit) return;
  std::size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
  line.resize(end == 0 ? limit : end);
}

}  // namespace

bool decode_base64(std::string_view text, std::string& out) {
  if (text.size() % 4 != 0) return false;
  std::size_t padding = 0;
  if (text.ends_with("==")) {
    padding = 2;
  } else if (text.ends_with('=')) {
    padding = 1;
  }
  const std::size_t digits = text.size() - padding;
  out.reserve(out.size() + text.size() / 4 * 3);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const std::uint8_t digit = k_table[static_cast<unsigned char>(text[i])];
    if (digit == k_invalid) return false;
    bits = (bits << 6U) | digit;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<char>((bits >> held) & 0xFFU));
    }
  }
  return true;
}

void LogTail::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::string_view piece = bytes.substr(0, end);
    if (!piece.empty()) {
      if (m_returned) m_open.clear();
      m_returned = false;
      // Four bytes more than are kept, so that the cut can find the border of a character.
      const std::size_t room = k_line_bytes + 4 - std::min(m_open.size(), k_line_bytes + 4);
      m_open.append(piece.substr(0, room));
    }
    if (end == std::string_view::npos) return;
    if (bytes[end] == '\n') {
      end_line();
    } else {
      m_returned = true;
    }
    bytes.remove_prefix(end + 1);
  }
}

void LogTail::end_line() {
  cut_at_character(m_open, k_line_bytes);
  m_lines.push_back(std::move(m_open));
  m_open.clear();
  m_returned = false;
  if (m_lines.size() > k_lines) m_lines.pop_front();
}

std::vector<std::string> LogTail::lines() const {
  std::vector<std::string> lines(m_lines.begin(), m_lines.end());
  if (!m_open.empty()) {
    lines.push_back(m_open);
    cut_at_character(lines.back(), k_line_bytes);
    if (lines.size() > k_lines) lines.erase(lines.begin());
  }
  return lines;
}

}  // namespace buildlab::metrics
