#include <fmt/format.h>
#include <array>
#include <chrono>

#include "framework/base/time.h"
#include "framework/causes/scan.h"
#include "framework/causes/text_tokens.h"

namespace buildlab::causes {
namespace {

constexpr std::array<std::string_view, 12> k_months = {"January",   "February", "March",    "April",
                                                       "May",       "June",     "July",     "August",
                                                       "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> k_weekdays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                        "Friday", "Saturday", "Sunday"};

// A moment being read: what was not seen stays zero.
struct Parts {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int offset_minutes = 0;
};

std::optional<std::int64_t> seconds_of(const Parts& parts) {
  using namespace std::chrono;
  const year_month_day date{year{parts.year}, month{static_cast<unsigned>(parts.month)},
                            day{static_cast<unsigned>(parts.day)}};
  if (!date.ok() || parts.year < 1970 || parts.year > 2199) return std::nullopt;
  if (parts.hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
  const std::int64_t minute = std::int64_t{parts.hour} * 60 + parts.minute - parts.offset_minutes;
  return sys_days(date).time_since_epoch() / seconds{1} + minute * 60 + parts.second;
}

// One of the names, whole or its first three letters, at the cursor; its number from 1.
template <std::size_t N>
int take_name(Cursor& cursor, const std::array<std::string_view, N>& names) {
  for (std::size_t i = 0; i < N; ++i) {
    for (const std::string_view name : {names[i], names[i].substr(0, 3)}) {
      if (!cursor.rest().starts_with(name)) continue;
      if (is_letter(cursor.peek(name.size()))) continue;
      cursor.at += name.size();
      return static_cast<int>(i) + 1;
    }
  }
  return 0;
}

void take_fraction(Cursor& cursor) {
  if ((cursor.peek() != '.' && cursor.peek() != ',') || !is_digit(cursor.peek(1))) return;
  ++cursor.at;
  cursor.skip_digits();
}

// "Z", "UTC", "+01:00", " +0100".
void take_zone(Cursor& cursor, Parts& parts) {
  Cursor trial = cursor;
  if (trial.peek() == 'Z' && !is_word(trial.peek(1))) {
    cursor.at = trial.at + 1;
    return;
  }
  if (trial.peek() == ' ') ++trial.at;
  if (trial.take("UTC") || trial.take("GMT")) {
    if (!is_word(trial.peek())) cursor = trial;
    return;
  }
  const char sign = trial.peek();
  if (sign != '+' && sign != '-') return;
  ++trial.at;
  int hours = 0;
  int minutes = 0;
  if (!trial.number(2, hours)) return;
  trial.take(":");
  if (!trial.number(2, minutes) || is_digit(trial.peek()) || hours > 14 || minutes > 59) return;
  parts.offset_minutes = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
  cursor = trial;
}

// "10:00:00" with any of the separators; the same one twice.
bool take_clock(Cursor& cursor, Parts& parts, std::string_view separators) {
  Cursor trial = cursor;
  if (!trial.number(2, parts.hour)) return false;
  const char separator = trial.peek();
  if (separators.find(separator) == std::string_view::npos) return false;
  ++trial.at;
  if (!trial.number(2, parts.minute)) return false;
  if (trial.peek() != separator) return false;
  ++trial.at;
  if (!trial.number(2, parts.second) || is_digit(trial.peek())) return false;
  if (parts.hour > 23 || parts.minute > 59 || parts.second > 60) return false;
  cursor = trial;
  return true;
}

std::optional<Token> finish(TokenKind kind, std::size_t begin, const Cursor& cursor, const Parts& parts) {
  const auto time = seconds_of(parts);
  if (!time) return std::nullopt;
  return Token{kind, begin, cursor.at - begin, time};
}

// "2026-11-24", "2026/11/24 10:00:00.5 +0000", "2026-11-24T10_00_00_123Z".
std::optional<Token> year_first(std::string_view text, std::size_t begin) {
  Cursor cursor{text, begin};
  Parts parts;
  if (!cursor.number(4, parts.year)) return std::nullopt;
  const char separator = cursor.peek();
  if (separator != '-' && separator != '/' && separator != '.') return std::nullopt;
  ++cursor.at;
  if (!cursor.number(2, parts.month) || cursor.peek() != separator) return std::nullopt;
  ++cursor.at;
  if (!cursor.number(2, parts.day) || is_digit(cursor.peek())) return std::nullopt;
  // With dots it is a version as often as not.
  const auto date = finish(separator == '.' ? TokenKind::digits_date : TokenKind::date, begin, cursor, parts);
  if (!date) return std::nullopt;
  const char between = cursor.peek();
  if (between != 'T' && between != 't' && between != ' ' && between != '_' && between != '-') return date;
  ++cursor.at;
  if (cursor.peek() == ' ') ++cursor.at;  // apt: "Start-Date: 2026-11-24  10:00:00"
  if (!take_clock(cursor, parts, ":_-.")) {
    parts.second = 0;
    int hour = 0;
    int minute = 0;
    // "2026-11-24 10:00", the shortest form.
    if (!cursor.number(2, hour) || !cursor.take(":") || !cursor.number(2, minute)) return date;
    if (is_digit(cursor.peek()) || cursor.peek() == ':') return date;
    parts.hour = hour;
    parts.minute = minute;
  }
  take_fraction(cursor);
  if (cursor.peek() == '_' && is_digit(cursor.peek(1))) {  // npm: milliseconds of a file name
    ++cursor.at;
    cursor.skip_digits();
  }
  take_zone(cursor, parts);
  const auto moment = finish(TokenKind::moment, begin, cursor, parts);
  return moment ? moment : date;
}

// "20261124", "20261124100000", "20261124.100000", "20261124T100000Z".
std::optional<Token> run_of_digits(std::string_view text, std::size_t begin, std::size_t length) {
  Cursor cursor{text, begin};
  Parts parts;
  if (!cursor.number(4, parts.year) || !cursor.number(2, parts.month) || !cursor.number(2, parts.day)) {
    return std::nullopt;
  }
  if (length == 8) {
    const auto date = finish(TokenKind::digits_date, begin, cursor, parts);
    if (!date || std::string_view(".T-_").find(cursor.peek()) == std::string_view::npos) return date;
    ++cursor.at;
    if (cursor.digits_ahead() != 6 && cursor.digits_ahead() != 9) return date;
    const bool read =
        cursor.number(2, parts.hour) && cursor.number(2, parts.minute) && cursor.number(2, parts.second);
    if (!read) return date;
    cursor.skip_digits();
    take_zone(cursor, parts);
    const auto moment = finish(TokenKind::moment, begin, cursor, parts);
    return moment ? moment : date;
  }
  if (!cursor.number(2, parts.hour) || !cursor.number(2, parts.minute)) return std::nullopt;
  if (length == 14 && !cursor.number(2, parts.second)) return std::nullopt;
  return finish(TokenKind::digits, begin, cursor, parts);
}

// Ten, thirteen, sixteen or nineteen digits since 1970, in the years 2001 to 2100.
std::optional<Token> since_1970(std::string_view text, std::size_t begin, std::size_t length) {
  if (begin > 0 && (text[begin - 1] == '.' || is_word(text[begin - 1]))) return std::nullopt;
  Cursor cursor{text, begin};
  std::int64_t value = 0;
  for (std::size_t i = 0; i < 10; ++i) value = value * 10 + (text[begin + i] - '0');
  if (value < 1'000'000'000 || value > 4'133'980'799) return std::nullopt;
  cursor.at += length;
  TokenKind kind = TokenKind::seconds;
  if (length == 13) kind = TokenKind::millis;
  if (length == 16) kind = TokenKind::micros;
  if (length == 19) kind = TokenKind::nanos;
  if (cursor.peek() == '.' && is_digit(cursor.peek(1))) {
    ++cursor.at;
    cursor.skip_digits();
  }
  if (is_word(cursor.peek())) return std::nullopt;
  return Token{kind, begin, cursor.at - begin, value};
}

// "24 Nov 2026 10:00:00 +0000", "24/Nov/2026:10:00:00 +0000", "24 November 2026".
std::optional<Token> day_first(std::string_view text, std::size_t token_begin, std::size_t begin) {
  Cursor cursor{text, begin};
  Parts parts;
  if (!cursor.number(cursor.digits_ahead() == 1 ? 1 : 2, parts.day)) return std::nullopt;
  const char separator = cursor.peek();
  if (separator != ' ' && separator != '/' && separator != '-') return std::nullopt;
  ++cursor.at;
  parts.month = take_name(cursor, k_months);
  if (parts.month == 0 || cursor.peek() != separator) return std::nullopt;
  ++cursor.at;
  if (!cursor.number(4, parts.year) || is_digit(cursor.peek())) return std::nullopt;
  const auto date = finish(TokenKind::date, token_begin, cursor, parts);
  if (!date) return std::nullopt;
  if (cursor.peek() == ',') ++cursor.at;
  if (cursor.peek() != ' ' && cursor.peek() != ':') return date;
  ++cursor.at;
  if (!take_clock(cursor, parts, ":")) return date;
  take_fraction(cursor);
  take_zone(cursor, parts);
  const auto moment = finish(TokenKind::moment, token_begin, cursor, parts);
  return moment ? moment : date;
}

// "Nov 24 10:00:00 UTC 2026", "Nov 24 10:00:00", "Nov 24 2026", "November 24, 2026", "November 2026".
std::optional<Token> month_first(std::string_view text, std::size_t token_begin, std::size_t begin) {
  Cursor cursor{text, begin};
  Parts parts;
  parts.month = take_name(cursor, k_months);
  if (parts.month == 0 || cursor.peek() != ' ') return std::nullopt;
  cursor.skip_blanks(2);
  const std::size_t digits = cursor.digits_ahead();
  if (digits == 4) {
    parts.day = 1;
    if (!cursor.number(4, parts.year)) return std::nullopt;
    return finish(TokenKind::month, token_begin, cursor, parts);
  }
  if ((digits != 1 && digits != 2) || !cursor.number(digits, parts.day)) return std::nullopt;
  if (cursor.peek() == ',') ++cursor.at;
  if (cursor.peek() != ' ') return std::nullopt;
  cursor.skip_blanks(2);
  if (cursor.digits_ahead() == 4) {
    if (!cursor.number(4, parts.year)) return std::nullopt;
    return finish(TokenKind::date, token_begin, cursor, parts);
  }
  if (!take_clock(cursor, parts, ":")) return std::nullopt;
  take_fraction(cursor);
  const Cursor after_clock = cursor;
  // date(1) writes half of the day and zone before the year.
  for (int words = 0; words < 2 && cursor.peek() == ' ' && is_upper(cursor.peek(1)); ++words) {
    ++cursor.at;
    while (is_upper(cursor.peek())) ++cursor.at;
  }
  if (cursor.peek() == ' ' && Cursor{text, cursor.at + 1}.digits_ahead() == 4) {
    ++cursor.at;
    if (cursor.number(4, parts.year)) {
      if (const auto moment = finish(TokenKind::moment, token_begin, cursor, parts)) return moment;
    }
  }
  if (parts.day < 1 || parts.day > 31) return std::nullopt;
  return Token{TokenKind::syslog, token_begin, after_clock.at - token_begin, std::nullopt};
}

std::optional<Token> weekday_first(std::string_view text, std::size_t begin) {
  Cursor cursor{text, begin};
  if (take_name(cursor, k_weekdays) == 0) return std::nullopt;
  if (cursor.peek() == ',') ++cursor.at;
  if (cursor.peek() != ' ') return std::nullopt;
  cursor.skip_blanks(2);
  if (is_digit(cursor.peek())) return day_first(text, begin, cursor.at);
  return month_first(text, begin, cursor.at);
}

std::optional<Token> plain_clock(std::string_view text, std::size_t begin) {
  if (begin > 0 && (is_word(text[begin - 1]) || text[begin - 1] == ':' || text[begin - 1] == '.')) {
    return std::nullopt;
  }
  Cursor cursor{text, begin};
  Parts parts;
  if (!take_clock(cursor, parts, ":")) return std::nullopt;
  take_fraction(cursor);
  if (is_word(cursor.peek()) || cursor.peek() == ':') return std::nullopt;
  return Token{TokenKind::clock, begin, cursor.at - begin, std::nullopt};
}

// "0.35s", "12 ms", "3 seconds".
std::optional<Token> plain_duration(std::string_view text, std::size_t begin) {
  if (begin > 0 && (is_word(text[begin - 1]) || text[begin - 1] == '.')) return std::nullopt;
  Cursor cursor{text, begin};
  cursor.skip_digits();
  if (cursor.peek() == '.') {
    ++cursor.at;
    cursor.skip_digits();
  }
  if (cursor.peek() == ' ') ++cursor.at;
  constexpr std::array<std::string_view, 9> units = {"seconds", "second", "secs", "sec", "ms",
                                                     "us",      "ns",     "s",    "m"};
  for (const std::string_view unit : units) {
    if (!cursor.rest().starts_with(unit)) continue;
    const char next = cursor.peek(unit.size());
    if (is_letter(next) || (is_digit(next) && unit != "m")) continue;
    cursor.at += unit.size();
    if (unit == "m") {  // "1m12.5s" only
      if (!is_digit(next)) return std::nullopt;
      cursor.skip_digits();
      take_fraction(cursor);
      if (!cursor.take("s")) return std::nullopt;
    }
    return Token{TokenKind::duration, begin, cursor.at - begin, std::nullopt};
  }
  return std::nullopt;
}

std::optional<Token> at_digits(std::string_view text, std::size_t begin, std::size_t length, bool durations) {
  std::optional<Token> token;
  switch (length) {
    case 1:
      token = day_first(text, begin, begin);
      break;
    case 2:
      token = day_first(text, begin, begin);
      if (!token) token = plain_clock(text, begin);
      break;
    case 4:
      token = year_first(text, begin);
      break;
    case 8:
    case 12:
    case 14:
      token = run_of_digits(text, begin, length);
      break;
    case 10:
    case 13:
    case 16:
    case 19:
      token = since_1970(text, begin, length);
      break;
    default:
      break;
  }
  if (!token && durations) token = plain_duration(text, begin);
  return token;
}

}  // namespace

std::vector<Token> time_tokens(std::string_view text, bool durations) {
  std::vector<Token> tokens;
  std::size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    std::optional<Token> token;
    std::size_t step = 1;
    if (is_digit(c)) {
      step = Cursor{text, i}.digits_ahead();
      token = at_digits(text, i, step, durations);
    } else if (is_upper(c) && (i == 0 || !is_letter(text[i - 1]))) {
      // Only letters that a weekday or month begins with are worth a look.
      if (std::string_view("MTWFSJADON").find(c) != std::string_view::npos) {
        token = weekday_first(text, i);
        if (!token) token = month_first(text, i, i);
      }
    }
    if (token) {
      i = token->begin + token->size;
      tokens.push_back(*token);
    } else {
      i += step;
    }
  }
  return tokens;
}

std::string time_text(std::int64_t seconds) {
  if (seconds < -62'135'596'800 || seconds > 253'402'300'799) return "";
  // WallTime counts nanoseconds and ends in 2262.
  if (seconds > 9'000'000'000 || seconds < -9'000'000'000) return fmt::format("{} s since 1970", seconds);
  return to_rfc3339(WallTime(std::chrono::seconds{seconds}));
}

}  // namespace buildlab::causes
