#include "framework/causes/binary_tokens.h"

#include <algorithm>

#include <fmt/format.h>

#include "framework/causes/date_text.h"
#include "framework/causes/findings.h"

namespace buildlab::causes {
namespace formats {
namespace {

constexpr Row k_binary_time{
    CauseClass::time, "G6", "numbers in the file are moments of the build",
    "set SOURCE_DATE_EPOCH in the RUN that writes the file, or remove the file there"};
constexpr Row k_binary_random{
    CauseClass::rand, "G7", "random names or identifiers in the file",
    "give the program that writes the file a fixed name or seed, or remove the file in "
    "the same RUN"};
constexpr std::size_t k_most_runs = 20'000;

// Units of a second that a number may count, the finest first: it is the surest.
struct TimeUnit {
  std::size_t width;
  std::uint64_t per_second;
};
constexpr TimeUnit k_units[] = {{8, 1'000'000'000}, {8, 1'000'000}, {8, 1'000}, {8, 1}, {4, 1}};

std::string moment_of(std::uint64_t value, std::uint64_t per_second) {
  return moment(value / per_second, value % per_second * (1'000'000'000 / per_second));
}

// How many bytes after the seconds are the fraction of a second: as large a number again, aligned like it.
std::size_t fraction_after(std::string_view a, std::string_view b, std::size_t at, std::size_t width,
                           Order order) {
  if (!has(a, at, width) || !has(b, at, width)) return 0;
  const auto fits = [&](std::string_view bytes) { return number(bytes, at, width, order) < 1'000'000'000; };
  return fits(a) && fits(b) ? width : 0;
}

// Groups of hex digits 8-4-4-4-12 of version 4 (random) or 1 and 7 (time and random): those alone are drawn
// anew.
bool drawn_uuid(std::string_view text) {
  constexpr std::string_view k_form = "xxxxxxxx-xxxx-Vxxx-vxxx-xxxxxxxxxxxx";
  if (text.size() != k_form.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hex = is_lower_hex(c) || (c >= 'A' && c <= 'F');
    if (k_form[i] == '-' ? c != '-' : !hex) return false;
    if (k_form[i] == 'V' && c != '4' && c != '1' && c != '7') return false;
    if (k_form[i] == 'v' && std::string_view("89abAB").find(c) == std::string_view::npos) return false;
  }
  return true;
}

// Prefixes after which programs put letters and digits drawn at random, and how many at least.
struct RandomPrefix {
  std::string_view text;
  std::size_t least;
  std::size_t most = 64;
};
constexpr RandomPrefix k_prefixes[] = {
    {"pip-target-", 8}, {"pip-build-env-", 8}, {"pip-install-", 8}, {"pip-modern-metadata-", 8},
    {"pip-wheel-", 8},  {"pip-req-build-", 8}, {"tmp.", 6},         {"tmp", 8, 8},
    {"go-build", 6}};

bool name_char(char c) {
  return is_alnum(c) || c == '_' || c == '-' || c == '.';
}
bool random_char(char c) {
  return is_alnum(c) || c == '_';
}

}  // namespace

std::optional<TokenAt> time_number_at(std::string_view a, std::string_view b, std::size_t at,
                                      const Surroundings& surroundings) {
  if (!surroundings.build_a || !surroundings.build_b) return std::nullopt;
  for (const TimeUnit& unit : k_units) {
    const std::size_t first = at + 1 > unit.width ? at + 1 - unit.width : 0;
    for (std::size_t begin = first; begin <= at; ++begin) {
      if (!has(a, begin, unit.width) || !has(b, begin, unit.width)) break;
      for (const Order order : {Order::little, Order::big}) {
        const auto value_a = number(a, begin, unit.width, order);
        const auto value_b = number(b, begin, unit.width, order);
        if (!within(surroundings.build_a, static_cast<std::int64_t>(value_a / unit.per_second)) ||
            !within(surroundings.build_b, static_cast<std::int64_t>(value_b / unit.per_second))) {
          continue;
        }
        const std::size_t fraction =
            unit.per_second == 1 ? fraction_after(a, b, begin + unit.width, unit.width, order) : 0;
        if (fraction == 0) {
          return TokenAt{
              {begin, unit.width}, moment_of(value_a, unit.per_second), moment_of(value_b, unit.per_second)};
        }
        return TokenAt{{begin, unit.width + fraction},
                       moment(value_a, number(a, begin + unit.width, fraction, order)),
                       moment(value_b, number(b, begin + unit.width, fraction, order))};
      }
    }
  }
  return std::nullopt;
}

std::optional<TokenAt> random_name_at(std::string_view a, std::string_view b, std::size_t at) {
  constexpr std::size_t k_reach = 64;
  if (at >= a.size() || at >= b.size()) return std::nullopt;
  const auto both = [&](std::size_t place) {
    return place < a.size() && place < b.size() && name_char(a[place]) && name_char(b[place]);
  };
  if (!both(at)) return std::nullopt;
  std::size_t begin = at;
  while (begin > 0 && at - begin < k_reach && both(begin - 1)) --begin;
  std::size_t end = at + 1;
  while (end - at < k_reach && both(end)) ++end;
  // A name that ends on one side alone is no name of equal length.
  if ((end < a.size() && name_char(a[end])) != (end < b.size() && name_char(b[end]))) return std::nullopt;
  const auto shown = [](std::string_view bytes, Range range) {
    return in_quotes(bytes.substr(range.begin, range.size));
  };

  constexpr std::size_t k_uuid = 36;
  for (std::size_t from = begin; from + k_uuid <= end && from <= at; ++from) {
    if (from + k_uuid <= at || !drawn_uuid(a.substr(from, k_uuid)) || !drawn_uuid(b.substr(from, k_uuid)))
      continue;
    const Range range{from, k_uuid};
    return TokenAt{range, shown(a, range), shown(b, range)};
  }
  for (const RandomPrefix& prefix : k_prefixes) {
    for (std::size_t from = begin; from + prefix.text.size() <= at; ++from) {
      if (a.substr(from, prefix.text.size()) != prefix.text ||
          b.substr(from, prefix.text.size()) != prefix.text || (from > 0 && is_alnum(a[from - 1]))) {
        continue;
      }
      std::size_t to = from + prefix.text.size();
      while (to < end && random_char(a[to]) && random_char(b[to])) ++to;
      const std::size_t drawn = to - from - prefix.text.size();
      if (to <= at || drawn < prefix.least || drawn > prefix.most) continue;
      const Range range{from, to - from};
      return TokenAt{range, shown(a, range), shown(b, range)};
    }
  }
  return std::nullopt;
}

namespace {

template <typename TokenOf>
std::optional<Cause> all_covered(const ContentPair& pair, const Row& row, const TokenOf& token_of) {
  const auto runs = differing(pair.a, pair.b, k_most_runs);
  if (!runs || runs->empty()) return std::nullopt;
  Findings findings;
  std::size_t covered = 0;
  for (const Range& run : *runs) {
    for (std::size_t at = std::max(covered, run.begin); at < run.end(); at = covered) {
      const std::optional<TokenAt> token = token_of(at);
      if (!token || token->range.end() <= at) return std::nullopt;
      findings.add(row, change(fmt::format("offset {}", token->range.begin), token->a, token->b));
      covered = token->range.end();
    }
  }
  return findings.result(pair.complete);
}

}  // namespace
}  // namespace formats

std::optional<Cause> of_binary_times(const ContentPair& pair, const Surroundings& surroundings) {
  return formats::all_covered(pair, formats::k_binary_time, [&](std::size_t at) {
    return formats::time_number_at(pair.a, pair.b, at, surroundings);
  });
}

std::optional<Cause> of_binary_random(const ContentPair& pair) {
  return formats::all_covered(pair, formats::k_binary_random,
                              [&](std::size_t at) { return formats::random_name_at(pair.a, pair.b, at); });
}

}  // namespace buildlab::causes
