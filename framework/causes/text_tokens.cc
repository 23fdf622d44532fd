#include "framework/causes/text_tokens.h"

#include <algorithm>
#include <cstdlib>

#include "framework/base/text.h"
#include "framework/causes/scan.h"

namespace buildlab::causes {
namespace {

constexpr std::int64_t k_day = 86'400;

bool is_near(std::int64_t time, const Window& window, std::int64_t slack) {
  return time >= window.begin - slack && time <= window.end + slack;
}

bool is_v4(std::string_view hex) {
  return hex.size() == 32 && hex[12] == '4' &&
         std::string_view("89abAB").find(hex[16]) != std::string_view::npos;
}

// A name that only a random source makes: words have neither digits nor capitals inside.
bool looks_random(std::string_view name) {
  const std::string_view tail = name.size() > 3 ? name.substr(3) : name;
  return std::any_of(tail.begin(), tail.end(), [](char c) { return is_digit(c) || is_upper(c) || c == '_'; });
}

bool is_time_kind(TokenKind kind) {
  return kind <= TokenKind::duration;
}

// A time of day alone, as UTC: "10:00:00".
bool is_clock_of_builds(std::string_view text, const Surroundings& surroundings) {
  const auto number = [&](std::size_t at) {
    return std::int64_t{text[at] - '0'} * 10 + (text[at + 1] - '0');
  };
  if (text.size() < 8) return false;
  const std::int64_t of_day = number(0) * 3600 + number(3) * 60 + number(6);
  const auto fits = [&](const std::optional<Window>& window) {
    constexpr std::int64_t k_slack = 60;
    if (!window) return false;
    const std::int64_t begin = window->begin - k_slack;
    const std::int64_t after = ((of_day - begin) % k_day + k_day) % k_day;
    return after <= window->end + k_slack - begin;
  };
  return fits(surroundings.build_a) || fits(surroundings.build_b);
}

Fit fit_time(const Token& token_a, std::string_view a, const Token& token_b, std::string_view b,
             const Surroundings& surroundings) {
  const TokenKind kind = token_a.kind;
  if (kind == TokenKind::syslog || kind == TokenKind::duration) return Fit::certain;
  if (kind == TokenKind::clock) {
    return is_clock_of_builds(a, surroundings) && is_clock_of_builds(b, surroundings) ? Fit::certain
                                                                                      : Fit::supposed;
  }
  if (!token_a.time || !token_b.time) return Fit::no;
  // A month's name covers a month.
  const std::int64_t slack = kind == TokenKind::month ? 32 * k_day : k_day;
  const auto near_a = near_builds(*token_a.time, surroundings, slack);
  const auto near_b = near_builds(*token_b.time, surroundings, slack);
  if (near_a && near_b) {
    if (*near_a && *near_b) return Fit::certain;
    // Written out in full it is a time all the same, though not that of these builds; a number may be
    // anything.
    return kind == TokenKind::moment ? Fit::supposed : Fit::no;
  }
  switch (kind) {
    case TokenKind::moment:
      return Fit::supposed;
    case TokenKind::digits_date:  // as often a version
      return Fit::no;
    default:
      return std::llabs(*token_a.time - *token_b.time) <= 732 * k_day ? Fit::supposed : Fit::no;
  }
}

Fit fit_uuid(std::string_view a, std::string_view b) {
  const char version_a = a[14];
  const char version_b = b[14];
  // Versions 3 and 5 are sums of a name: equal names would have given equal ids.
  for (const char version : {version_a, version_b}) {
    if (version == '3' || version == '5') return Fit::no;
  }
  return version_a == version_b && std::string_view("1467").find(version_a) != std::string_view::npos
             ? Fit::certain
             : Fit::supposed;
}

}  // namespace

bool needs_context(TokenKind kind, const Surroundings& surroundings) {
  const bool known = surroundings.build_a || surroundings.build_b;
  return !known && is_time_kind(kind) && kind != TokenKind::moment && kind != TokenKind::syslog &&
         kind != TokenKind::clock && kind != TokenKind::duration;
}

bool has_context(std::string_view text, std::size_t begin) {
  constexpr std::size_t k_looked_at = 60;
  std::string_view before = text.substr(0, begin);
  if (before.size() > k_looked_at) before.remove_prefix(before.size() - k_looked_at);
  if (const auto newline = before.rfind('\n'); newline != std::string_view::npos)
    before.remove_prefix(newline + 1);
  const std::string lower = to_lower(before);
  for (const char* word : {"time", "date", "stamp", "buil", "creat", "generat", "compil", "modif", "epoch",
                           "install", "since", "written"}) {
    if (lower.find(word) != std::string::npos) return true;
  }
  return false;
}

std::optional<bool> near_builds(std::int64_t time, const Surroundings& surroundings, std::int64_t slack) {
  if (!surroundings.build_a && !surroundings.build_b) return std::nullopt;
  for (const auto& window : {surroundings.build_a, surroundings.build_b}) {
    if (window && is_near(time, *window, slack)) return true;
  }
  const auto epoch = surroundings.source_date_epoch;
  return epoch && is_near(time, Window{*epoch, *epoch}, slack);
}

Fit fit(const Token& token_a, std::string_view a, const Token& token_b, std::string_view b,
        const Surroundings& surroundings) {
  if (token_a.kind != token_b.kind) return Fit::no;
  if (is_time_kind(token_a.kind)) return fit_time(token_a, a, token_b, b, surroundings);
  switch (token_a.kind) {
    case TokenKind::uuid:
      return fit_uuid(a, b);
    case TokenKind::hex:
      if (a.size() != b.size()) return Fit::no;
      return is_v4(a) && is_v4(b) ? Fit::certain : Fit::supposed;
    case TokenKind::temporary:
      return looks_random(a) || looks_random(b) ? Fit::certain : Fit::no;
    case TokenKind::pointer:      // programs and settings have fixed addresses too
    case TokenKind::fingerprint:  // and keys can be exchanged for others on purpose
      return Fit::supposed;
    default:
      return Fit::certain;
  }
}

std::vector<Token> merged(std::vector<Token> some, const std::vector<Token>& more) {
  some.insert(some.end(), more.begin(), more.end());
  std::sort(some.begin(), some.end(), [](const Token& left, const Token& right) {
    return left.begin != right.begin ? left.begin < right.begin : left.size > right.size;
  });
  std::vector<Token> kept;
  std::size_t end = 0;
  for (const Token& token : some) {
    if (token.begin < end) continue;
    end = token.begin + token.size;
    kept.push_back(token);
  }
  return kept;
}

namespace {

std::string without(std::string_view text, const std::vector<Token>& tokens) {
  std::string normal;
  std::size_t at = 0;
  for (const Token& token : tokens) {
    normal += text.substr(at, token.begin - at);
    normal += is_time_kind(token.kind) ? "<time>" : "<random>";
    at = token.begin + token.size;
  }
  normal += text.substr(at);
  return normal;
}

std::string normal_component(std::string_view component) {
  std::vector<Token> tokens = time_tokens(component);
  // Dates without a time of day are versions as often as not: certifi 2026.11.24.
  std::erase_if(tokens, [](const Token& token) {
    return token.kind == TokenKind::date || token.kind == TokenKind::month ||
           token.kind == TokenKind::digits_date;
  });
  return without(component, merged(std::move(tokens), random_tokens(component)));
}

}  // namespace

std::string normal_name(std::string_view path) {
  std::string normal;
  bool addressed = false;  // below here names are sums of what they hold
  std::size_t at = 0;
  while (at <= path.size()) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view component = path.substr(at, end - at);
    if (at > 0) normal += '/';
    normal += addressed ? std::string(component) : normal_component(component);
    for (const char* sums : {"sha1", "sha256", "sha512", "md5", "blobs", "objects"}) {
      if (component == sums) addressed = true;
    }
    at = end + 1;
  }
  return normal;
}

}  // namespace buildlab::causes
