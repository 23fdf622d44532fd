#include <algorithm>
#include <array>

#include "framework/base/text.h"
#include "framework/causes/scan.h"
#include "framework/causes/text_tokens.h"

namespace buildlab::causes {
namespace {

std::size_t hex_ahead(std::string_view text, std::size_t begin, std::size_t most) {
  std::size_t count = 0;
  while (begin + count < text.size() && count < most && is_hex(text[begin + count])) ++count;
  return count;
}

// "8-4-4-4-12" hex digits.
std::optional<Token> uuid_at(std::string_view text, std::size_t begin) {
  constexpr std::array<std::size_t, 5> groups = {8, 4, 4, 4, 12};
  std::size_t at = begin;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i > 0) {
      if (at >= text.size() || text[at] != '-') return std::nullopt;
      ++at;
    }
    if (hex_ahead(text, at, groups[i]) != groups[i]) return std::nullopt;
    at += groups[i];
  }
  if (at < text.size() && (is_word(text[at]) || text[at] == '-')) return std::nullopt;
  return Token{TokenKind::uuid, begin, at - begin, std::nullopt};
}

// "00-<32>-<16>-01"
std::optional<Token> trace_at(std::string_view text, std::size_t begin) {
  if (!text.substr(begin).starts_with("00-")) return std::nullopt;
  if (hex_ahead(text, begin + 3, 33) != 32) return std::nullopt;
  if (begin + 35 >= text.size() || text[begin + 35] != '-') return std::nullopt;
  if (hex_ahead(text, begin + 36, 17) != 16) return std::nullopt;
  if (begin + 52 >= text.size() || text[begin + 52] != '-') return std::nullopt;
  if (hex_ahead(text, begin + 53, 3) != 2) return std::nullopt;
  return Token{TokenKind::trace, begin, 55, std::nullopt};
}

std::string_view line_around(std::string_view text, std::size_t at) {
  constexpr std::size_t most = 400;  // each way: a minified file is one line
  std::size_t begin = at;
  while (begin > 0 && at - begin < most && text[begin - 1] != '\n') --begin;
  std::size_t end = at;
  while (end < text.size() && end - at < most && text[end] != '\n') ++end;
  return text.substr(begin, end - begin);
}

// A sum of something that has a name, or a commit: it follows from what it is the sum of.
bool is_sum_line(std::string_view line, std::string_view value) {
  const std::string lower = to_lower(line);
  for (const char* word : {"sha", "md5", "hash", "digest", "checksum", "integrity", "etag", "commit",
                           "revision", "blake", "tree ", "parent ", "build-id", "buildid", "fingerprint"}) {
    if (lower.find(word) != std::string::npos) return true;
  }
  // "<sum>  path" and "path <sum>".
  std::size_t at = 0;
  while (at < line.size()) {
    while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
    std::size_t end = at;
    while (end < line.size() && line[end] != ' ' && line[end] != '\t') ++end;
    std::string_view word = line.substr(at, end - at);
    if (word.find(value) == std::string_view::npos) {
      const auto dot = word.find('.');
      if (word.find('/') != std::string_view::npos) return true;
      if (dot != std::string_view::npos && dot + 1 < word.size() && is_word(word[dot + 1])) return true;
    }
    at = end;
  }
  return false;
}

bool is_hex_length(std::size_t length) {
  return (length >= 32 && length <= 64) || length == 96 || length == 128;
}

std::optional<Token> hex_at(std::string_view text, std::size_t begin) {
  const std::size_t length = hex_ahead(text, begin, 129);
  if (!is_hex_length(length)) return std::nullopt;
  if (begin + length < text.size() && is_word(text[begin + length])) return std::nullopt;
  const std::string_view value = text.substr(begin, length);
  const bool has_digit = std::any_of(value.begin(), value.end(), is_digit);
  const bool has_letter = std::any_of(value.begin(), value.end(), is_letter);
  if (!has_digit || !has_letter) return std::nullopt;
  if (is_sum_line(line_around(text, begin), value)) return std::nullopt;
  return Token{TokenKind::hex, begin, length, std::nullopt};
}

// "0x7f3a52c81d30": user space of a 64-bit process.
std::optional<Token> pointer_at(std::string_view text, std::size_t begin) {
  if (!text.substr(begin).starts_with("0x")) return std::nullopt;
  if (hex_ahead(text, begin + 2, 13) != 12) return std::nullopt;
  if (begin + 14 < text.size() && is_word(text[begin + 14])) return std::nullopt;
  const char first = text[begin + 2];
  const char second = text[begin + 3];
  const bool mapped = first == '7' && is_hex(second);  // libraries, stack
  const bool program = first == '5' && (second == '5' || second == '6');
  if (!mapped && !program) return std::nullopt;
  return Token{TokenKind::pointer, begin, 14, std::nullopt};
}

// "apt[4711]:"
std::optional<Token> pid_at(std::string_view text, std::size_t begin) {
  Cursor cursor{text, begin + 1};
  const std::size_t digits = cursor.digits_ahead();
  if (digits == 0 || digits > 7) return std::nullopt;
  if (cursor.peek(digits) != ']' || cursor.peek(digits + 1) != ':') return std::nullopt;
  return Token{TokenKind::pid, begin + 1, digits, std::nullopt};
}

// The line that ssh-keygen prints of a key; any other sum follows from what it is the sum of.
std::optional<Token> fingerprint_at(std::string_view text, std::size_t begin) {
  constexpr std::size_t prefix = 7;
  constexpr std::size_t digits = 43;
  if (begin + prefix + digits >= text.size() || text[begin + prefix + digits] != ' ') return std::nullopt;
  const std::string_view value = text.substr(begin + prefix, digits);
  const auto is_base64 = [](char c) { return is_digit(c) || is_letter(c) || c == '+' || c == '/'; };
  if (!std::all_of(value.begin(), value.end(), is_base64)) return std::nullopt;
  const std::string_view line = line_around(text, begin);
  constexpr std::array<std::string_view, 4> kinds = {"(RSA)", "(ECDSA)", "(ED25519)", "(DSA)"};
  const auto names_a_kind = [&](std::string_view kind) { return line.find(kind) != std::string_view::npos; };
  if (std::none_of(kinds.begin(), kinds.end(), names_a_kind)) return std::nullopt;
  return Token{TokenKind::fingerprint, begin, prefix + digits, std::nullopt};
}

std::size_t word_ahead(std::string_view text, std::size_t begin, std::size_t most = 200) {
  std::size_t count = 0;
  while (begin + count < text.size() && count < most && is_word(text[begin + count])) ++count;
  return count;
}

// "tmpab12cd34", "tmp.Ab12Cd34Ef"
std::optional<Token> python_or_mktemp(std::string_view text, std::size_t begin) {
  std::size_t at = begin + 3;
  if (at < text.size() && text[at] == '.') ++at;
  const std::size_t length = word_ahead(text, at);
  if (length < 6 || length > 16) return std::nullopt;
  return Token{TokenKind::temporary, begin, at - begin + length, std::nullopt};
}

// "pip-target-1a2b3c4d", "pip-build-env-1a2b3c4d"
std::optional<Token> pip_folder(std::string_view text, std::size_t begin) {
  std::size_t at = begin + 4;
  constexpr int most_words = 5;
  for (int words = 0; words < most_words; ++words) {
    const std::size_t length = word_ahead(text, at, 40);
    if (length == 0) return std::nullopt;
    const bool more = at + length < text.size() && text[at + length] == '-';
    if (!more) {
      if (words == 0 || length != 8) return std::nullopt;
      return Token{TokenKind::temporary, begin, at - begin + length, std::nullopt};
    }
    at += length + 1;
  }
  return std::nullopt;
}

// "ccAkoQ7x.s": what the compiler driver hands from one program to the next.
std::optional<Token> compiler_file(std::string_view text, std::size_t begin) {
  if (word_ahead(text, begin, 9) != 8) return std::nullopt;
  constexpr std::array<std::string_view, 6> ends = {".s", ".o", ".res", ".le", ".ltrans", ".c"};
  const std::string_view rest = text.substr(begin + 8, 8);
  for (const std::string_view end : ends) {
    if (!rest.starts_with(end)) continue;
    if (end != ".ltrans" && rest.size() > end.size() && is_word(rest[end.size()])) continue;
    return Token{TokenKind::temporary, begin, 8, std::nullopt};
  }
  return std::nullopt;
}

std::optional<Token> digits_after(std::string_view text, std::size_t begin, std::size_t prefix,
                                  std::size_t least) {
  Cursor cursor{text, begin + prefix};
  const std::size_t digits = cursor.digits_ahead();
  if (digits < least || digits > 20 || is_word(cursor.peek(digits))) return std::nullopt;
  return Token{TokenKind::temporary, begin, prefix + digits, std::nullopt};
}

// Ruby: "20180621-14-1p1kra6": day, process and a number to base 36.
std::optional<Token> ruby_name(std::string_view text, std::size_t begin) {
  Cursor cursor{text, begin};
  if (cursor.digits_ahead() != 8 || !cursor.rest().starts_with("20")) return std::nullopt;
  cursor.at += 8;
  if (!cursor.take("-") || cursor.digits_ahead() == 0 || cursor.digits_ahead() > 8) return std::nullopt;
  cursor.skip_digits();
  if (!cursor.take("-")) return std::nullopt;
  const std::size_t length = word_ahead(text, cursor.at, 20);
  if (length < 5 || length > 8) return std::nullopt;
  return Token{TokenKind::temporary, begin, cursor.at + length - begin, std::nullopt};
}

// What stands directly below /tmp: the folder's or file's whole name.
std::optional<Token> below_tmp(std::string_view text, std::size_t begin) {
  std::size_t at = begin + 5;
  std::size_t length = 0;
  while (at + length < text.size() && length < 200 &&
         (is_word(text[at + length]) || text[at + length] == '.' || text[at + length] == '-')) {
    ++length;
  }
  while (length > 0 && text[at + length - 1] == '.') --length;
  if (length < 6) return std::nullopt;
  return Token{TokenKind::temporary, at, length, std::nullopt};
}

std::optional<Token> at_word(std::string_view text, std::size_t i) {
  const std::string_view rest = text.substr(i, 24);
  const bool fresh = i == 0 || !is_word(text[i - 1]);
  if (text[i] == '/') {
    if (!rest.starts_with("/tmp/")) return std::nullopt;
    const bool whole = i == 0 || !is_word(text[i - 1]) || text.substr(0, i).ends_with("/var");
    return whole ? below_tmp(text, i) : std::nullopt;
  }
  if (text[i] == '[') {
    if (i > 0 && is_word(text[i - 1])) return pid_at(text, i);
    return std::nullopt;
  }
  if (is_digit(text[i]) && (i == 0 || !is_digit(text[i - 1]))) {
    if (const auto token = ruby_name(text, i)) return token;
  }
  if (!fresh) return std::nullopt;
  if (rest.starts_with("tmp")) return python_or_mktemp(text, i);
  if (rest.starts_with("pip-")) return pip_folder(text, i);
  if (rest.starts_with("go-build")) return digits_after(text, i, 8, 3);
  if (rest.starts_with("buildkit")) return digits_after(text, i, 8, 6);
  if (rest.starts_with("cmTC_") && word_ahead(text, i, 20) == 10) {  // CMake's trial programs
    return Token{TokenKind::temporary, i, 10, std::nullopt};
  }
  if (rest.starts_with("TryCompile-") && word_ahead(text, i + 11, 20) == 6) {
    return Token{TokenKind::temporary, i, 17, std::nullopt};
  }
  if (rest.starts_with("cc")) {
    if (const auto token = compiler_file(text, i)) return token;
  }
  if (rest.starts_with("SHA256:")) return fingerprint_at(text, i);
  if (rest.starts_with("0x")) return pointer_at(text, i);
  if (rest.starts_with("00-")) {
    if (const auto token = trace_at(text, i)) return token;
  }
  if (!is_hex(text[i])) return std::nullopt;
  if (const auto token = uuid_at(text, i)) return token;
  return hex_at(text, i);
}

}  // namespace

std::vector<Token> random_tokens(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (!is_word(c) && c != '/' && c != '[') {
      ++i;
      continue;
    }
    const auto token = at_word(text, i);
    if (!token) {
      ++i;
      continue;
    }
    tokens.push_back(*token);
    i = token->begin + token->size;
  }
  return tokens;
}

}  // namespace buildlab::causes
