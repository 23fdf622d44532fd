#include "framework/causes/date_text.h"

#include <chrono>
#include <string>

namespace buildlab::causes::formats {
namespace {

// w weekday, m month by name, D day with a blank or zero, d day, o month, y year, h n s time of day, e ten
// digits of seconds since 1970; anything else is itself. Longer forms first: the first hit is taken.
struct DatePattern {
  std::string_view form;
  DateForm kind = DateForm::calendar;
  bool needs_window = false;
};
constexpr DatePattern k_patterns[] = {
    {"w m D h:n:s y", DateForm::calendar, false},   // ctime
    {"w, d m y h:n:s", DateForm::calendar, false},  // RFC 2822
    {"w m D h:n:s", DateForm::calendar, false},
    {"y-o-dTh:n:s", DateForm::calendar, false},
    {"y-o-d h:n:s", DateForm::calendar, false},
    {"y/o/d h:n:s", DateForm::calendar, false},
    {"y-o-d_h:n:s", DateForm::calendar, false},
    {"yodhns", DateForm::calendar, true},
    {"yodThns", DateForm::calendar, true},
    {"yod-hns", DateForm::calendar, true},
    {"m D y", DateForm::c_date, false},
    {"d m y", DateForm::calendar, false},
    {"y-o-d", DateForm::calendar, false},
    {"y/o/d", DateForm::calendar, false},
    {"e", DateForm::calendar, true},
    {"h:n:s", DateForm::c_time, false},
    {"yod", DateForm::calendar, true},
};

constexpr std::size_t width_of(char code) {
  switch (code) {
    case 'w':
    case 'm':
      return 3;
    case 'y':
      return 4;
    case 'e':
      return 10;
    case 'D':
    case 'd':
    case 'o':
    case 'h':
    case 'n':
    case 's':
      return 2;
    default:
      return 1;
  }
}

constexpr std::size_t width_of(std::string_view form) {
  std::size_t width = 0;
  for (const char code : form) width += width_of(code);
  return width;
}

constexpr std::string_view k_months = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view k_weekdays = "SunMonTueWedThuFriSat";

// Position of a name of three letters in a list of such; -1 without.
int name_index(std::string_view names, std::string_view name) {
  for (std::size_t i = 0; i + 3 <= names.size(); i += 3) {
    if (names.substr(i, 3) == name) return static_cast<int>(i / 3);
  }
  return -1;
}

struct CivilTime {
  int year = -1;
  int month = -1;
  int day = -1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t seconds = -1;  // of form 'e'
};

// -1 for anything but digits; a leading blank counts as zero where allowed.
std::int64_t plain_number(std::string_view text, bool blank) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (blank && i == 0 && text[0] == ' ') continue;
    if (!is_decimal(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool read_part(char code, std::string_view part, CivilTime& time) {
  const auto in = [](std::int64_t value, std::int64_t least, std::int64_t most) {
    return value >= least && value <= most;
  };
  if (code == 'w') return name_index(k_weekdays, part) >= 0;
  if (code == 'm') {
    time.month = name_index(k_months, part) + 1;
    return time.month > 0;
  }
  const std::int64_t value = plain_number(part, code == 'D');
  const int small = static_cast<int>(value % 10'000);
  switch (code) {
    case 'y':
      time.year = small;
      return in(value, 1980, 2099);
    case 'o':
      time.month = small;
      return in(value, 1, 12);
    case 'D':
    case 'd':
      time.day = small;
      return in(value, 1, 31);
    case 'h':
      time.hour = small;
      return in(value, 0, 23);
    case 'n':
      time.minute = small;
      return in(value, 0, 59);
    case 's':
      time.second = small;
      return in(value, 0, 60);
    case 'e':
      time.seconds = value;
      return in(value, 1, 9'999'999'999);
    default:
      return false;
  }
}

std::optional<CivilTime> match_date(std::string_view form, std::string_view text) {
  CivilTime time;
  for (const char code : form) {
    const std::size_t width = width_of(code);
    if (text.size() < width) return std::nullopt;
    if (std::string_view("wmyeDdohns").find(code) == std::string_view::npos) {
      if (text.front() != code) return std::nullopt;
    } else if (!read_part(code, text.substr(0, width), time)) {
      return std::nullopt;
    }
    text.remove_prefix(width);
  }
  return time;
}

// As UTC; the zone that a form leaves out may move it by a day.
bool near_window(const std::optional<Window>& window, const CivilTime& time) {
  using namespace std::chrono;
  if (!window) return false;
  if (time.seconds >= 0) return within(window, time.seconds);
  const year_month_day date{year{time.year}, month{static_cast<unsigned>(time.month)},
                            day{static_cast<unsigned>(time.day)}};
  if (!date.ok()) return false;
  const std::int64_t seconds = std::int64_t{time.hour} * 3600 + std::int64_t{time.minute} * 60 + time.second;
  const std::int64_t at = sys_days(date).time_since_epoch().count() * std::int64_t{86'400} + seconds;
  return at >= window->begin - 86'400 && at <= window->end + 86'400;
}

// A time of day alone, as UTC.
bool near_clock(const std::optional<Window>& window, const CivilTime& time) {
  constexpr std::int64_t k_day = 86'400;
  constexpr std::int64_t k_slack = 60;
  if (!window) return false;
  const std::int64_t of_day = std::int64_t{time.hour} * 3600 + std::int64_t{time.minute} * 60 + time.second;
  const std::int64_t begin = window->begin - k_slack;
  const std::int64_t after = ((of_day - begin) % k_day + k_day) % k_day;
  return after <= window->end + k_slack - begin;
}

bool near_builds(const DatePattern& pattern, const CivilTime& time, const Surroundings& surroundings) {
  std::optional<Window> epoch;
  if (surroundings.source_date_epoch) {
    epoch = Window{*surroundings.source_date_epoch, *surroundings.source_date_epoch};
  }
  const auto near = [&](const std::optional<Window>& window) {
    return pattern.kind == DateForm::c_time ? near_clock(window, time) : near_window(window, time);
  };
  return near(surroundings.build_a) || near(surroundings.build_b) || near(epoch);
}

}  // namespace

DateFit fit_of(const DateText& date, const Surroundings& surroundings) {
  const bool known = surroundings.build_a || surroundings.build_b;
  if (known && date.near_builds) return DateFit::certain;
  // Written out with its time of day it is a time all the same, though not that of these builds; a date alone
  // may be a version's.
  return !known || date.has_clock ? DateFit::supposed : DateFit::none;
}

bool within(const std::optional<Window>& window, std::int64_t seconds) {
  return window && seconds >= window->begin - 1 && seconds <= window->end + 1;
}

std::optional<DateText> date_at(std::string_view a, std::string_view b, std::size_t at,
                                const Surroundings& surroundings) {
  for (const DatePattern& pattern : k_patterns) {
    const std::size_t width = width_of(pattern.form);
    const std::size_t first = at + 1 > width ? at + 1 - width : 0;
    for (std::size_t begin = first; begin <= at; ++begin) {
      const auto text_a = slice(a, begin, width);
      const auto text_b = slice(b, begin, width);
      if (text_a.size() < width || text_b.size() < width) break;
      const auto time_a = match_date(pattern.form, text_a);
      const auto time_b = time_a ? match_date(pattern.form, text_b) : std::nullopt;
      if (!time_b) continue;
      if (pattern.needs_window) {
        // Digits that go on are another number.
        const auto digit = [&](std::string_view bytes, std::size_t place) {
          return place < bytes.size() && is_decimal(bytes[place]);
        };
        if ((begin > 0 && (digit(a, begin - 1) || digit(b, begin - 1))) || digit(a, begin + width) ||
            digit(b, begin + width)) {
          continue;
        }
        if (!near_window(surroundings.build_a, *time_a) || !near_window(surroundings.build_b, *time_b))
          continue;
      }
      const bool near =
          near_builds(pattern, *time_a, surroundings) && near_builds(pattern, *time_b, surroundings);
      return DateText{{begin, width}, pattern.kind, pattern.form.find("h:n") != std::string_view::npos, near};
    }
  }
  return std::nullopt;
}

bool starts_with_weekday_date(std::string_view text) {
  return match_date("w m D h:n:s", text).has_value();
}

}  // namespace buildlab::causes::formats
