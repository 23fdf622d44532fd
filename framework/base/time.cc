#include "framework/base/time.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <cctype>
#include <cmath>
#include <ctime>
#include <optional>

namespace buildlab {
namespace {

// A fixed-width decimal number at the front of `text`, taken off it.
std::optional<int> take_number(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<WallTime> parse(std::string_view text) {
  using namespace std::chrono;
  const auto y = take_number(text, 4);
  if (!y || !take(text, "-")) return std::nullopt;
  const auto m = take_number(text, 2);
  if (!m || !take(text, "-")) return std::nullopt;
  const auto d = take_number(text, 2);
  if (!d || !take(text, "Tt ")) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ":")) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
  if (!date.ok()) return std::nullopt;

  std::int64_t fraction = 0;
  if (take(text, ".")) {
    std::int64_t unit = 100'000'000;
    if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front())) == 0) return std::nullopt;
    while (!text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0) {
      fraction += (text.front() - '0') * unit;
      unit /= 10;
      text.remove_prefix(1);
    }
  }
  minutes offset{0};
  if (!take(text, "Zz")) {
    if (text.empty()) return std::nullopt;
    const int sign = text.front() == '-' ? -1 : 1;
    if (!take(text, "+-")) return std::nullopt;
    const auto offset_hour = take_number(text, 2);
    if (!offset_hour || !take(text, ":")) return std::nullopt;
    const auto offset_minute = take_number(text, 2);
    if (!offset_minute) return std::nullopt;
    offset = sign * (hours{*offset_hour} + minutes{*offset_minute});
  }
  if (!text.empty()) return std::nullopt;
  return WallTime(sys_days(date).time_since_epoch() + hours{*hour} + minutes{*minute} + seconds{*second} -
                  offset + nanoseconds{fraction});
}

std::tm utc(WallTime time) {
  return fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time)));
}

}  // namespace

Result<WallTime> parse_rfc3339(std::string_view text) {
  if (const auto time = parse(text)) return *time;
  return fail(ErrorKind::infrastructure, fmt::format("\"{}\" is not an RFC 3339 time", text.substr(0, 60)));
}

std::string to_rfc3339(WallTime time) {
  std::string text = fmt::format("{:%Y-%m-%dT%H:%M:%S}", utc(time));
  const auto fraction = (time - std::chrono::floor<std::chrono::seconds>(time)).count();
  if (fraction != 0) {
    std::string digits = fmt::format("{:09}", fraction);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += "." + digits;
  }
  return text + "Z";
}

std::string to_file_stamp(WallTime time) {
  return fmt::format("{:%Y-%m-%dT%H-%M-%SZ}", utc(time));
}

std::string to_short_text(double seconds) {
  if (seconds < 0.995) return fmt::format("{:.2f}s", seconds);
  if (seconds < 99.95) return fmt::format("{:.1f}s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 600) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m{:02}s", whole / 60, whole % 60);
  return fmt::format("{}h{:02}m", whole / 3600, whole % 3600 / 60);
}

}  // namespace buildlab
