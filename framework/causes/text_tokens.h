// Times and random names as they stand in text: where they are and what moment they name. The scanners read
// each byte a bounded number of times and never fail: what is no token is left alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/causes/observation.h"

namespace buildlab::causes {

enum class TokenKind {
  // Times.
  moment,       // date and time of day: "2026-11-24T10:00:00Z", "Tue Nov 24 10:00:00 2026"
  syslog,       // "Nov 24 10:00:00": no year
  clock,        // "10:00:00"
  date,         // "2026-11-24", "Nov 24 2026"
  month,        // "November 2026"
  digits_date,  // "20261124"
  digits,       // "20261124100000"
  seconds,      // ten digits since 1970, with or without a fraction
  millis,       // thirteen digits
  micros,       // sixteen digits
  nanos,        // nineteen digits
  duration,     // "0.35s", "12 ms"
  // Random names.
  uuid,
  hex,        // 32 to 64, 96 or 128 digits
  temporary,  // a temporary file's name: "tmpab12cd34", "ccAkoQ7x.s", "pip-target-1a2b3c4d"
  pointer,    // "0x7f3a52c81d30"
  pid,        // "apt[4711]:"
  trace,      // W3C trace context: "00-<32 hex>-<16 hex>-01"
  // "SHA256:<43 digits to base 64>" in a line of ssh-keygen -l: "256 SHA256:… root@host (ED25519)".
  fingerprint,
};

struct Token {
  TokenKind kind = TokenKind::moment;
  std::size_t begin = 0;
  std::size_t size = 0;
  std::optional<std::int64_t> time;  // seconds since 1970; a form without a zone is read as UTC
};

// In order, not overlapping. `durations` are asked for in logs only: elsewhere they are settings.
std::vector<Token> time_tokens(std::string_view text, bool durations = false);
std::vector<Token> random_tokens(std::string_view text);
// Both in order; where two overlap, the one that begins first and then the longer one stays.
std::vector<Token> merged(std::vector<Token> some, const std::vector<Token>& more);

// Two tokens of one kind that are not the same text: is this what a clock or a random source makes?
enum class Fit { no, supposed, certain };
Fit fit(const Token& token_a, std::string_view a, const Token& token_b, std::string_view b,
        const Surroundings& surroundings);

// Where no build's time is known, a date or number alone is no time unless words before it say so ("built").
bool needs_context(TokenKind kind, const Surroundings& surroundings);
bool has_context(std::string_view text, std::size_t begin);

// Whether the time lies within a day of either build or of SOURCE_DATE_EPOCH; nullopt: no window is known.
std::optional<bool> near_builds(std::int64_t time, const Surroundings& surroundings,
                                std::int64_t slack = 86'400);

// A path whose components lost their times and random names: names that differ only there become equal.
std::string normal_name(std::string_view path);

// "2026-11-24T10:00:00Z"; "" outside of the years 1 to 9999.
std::string time_text(std::int64_t seconds);

}  // namespace buildlab::causes
