// SQLite databases: the header's counters, and rows that only differ in moments of the build.
#include <algorithm>

#include <fmt/format.h>

#include "framework/causes/binary.h"
#include "framework/causes/binary_tokens.h"
#include "framework/causes/date_text.h"
#include "framework/causes/format_readers.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_sqlite_counters{
    CauseClass::tool, "C7",
    "the database counts its transactions, and each build made another number of them",
    "rewrite the database at the end of the RUN: sqlite3 old.db \"VACUUM INTO 'new.db'\""};
constexpr Row k_sqlite_version{CauseClass::vers, "C7", "the database keeps SQLite's version",
                               "pin the package that brings SQLite, or the base image by digest"};
constexpr Row k_sqlite_rpm{
    CauseClass::time, "C5", "rpm's database keeps when each package was installed",
    "ENV SOURCE_DATE_EPOCH (rpm 4.18 and later use it for INSTALLTIME); or remove the database "
    "from images that install nothing any more"};
constexpr Row k_sqlite_dnf{
    CauseClass::time, "C8", "dnf's history keeps when each transaction began and ended",
    "rm -f /var/lib/dnf/history.sqlite* (dnf 5: "
    "/usr/lib/sysimage/libdnf5/transaction_history.sqlite*) in the RUN that called dnf"};
constexpr Row k_sqlite_time{CauseClass::time, "G6", "rows of the database are moments of the build",
                            "set SOURCE_DATE_EPOCH in the RUN that writes the database, or remove it there"};
constexpr Row k_sqlite_date{CauseClass::time, "G5", "rows of the database are dates of the build",
                            "set SOURCE_DATE_EPOCH in the RUN that writes the database, or remove it there"};
constexpr Row k_sqlite_random{CauseClass::rand, "G7", "rows of the database are random identifiers",
                              "create the database when the container starts, not in the image"};

constexpr std::size_t k_sqlite_head = 100;
constexpr std::size_t k_change_counter = 24;
constexpr std::size_t k_valid_for = 92;
constexpr std::size_t k_version = 96;

const Row& sqlite_time_row(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (name.starts_with("rpmdb.sqlite") || path.find("/rpm/") != std::string_view::npos) return k_sqlite_rpm;
  if (name.starts_with("history.sqlite") || name.starts_with("transaction_history.sqlite"))
    return k_sqlite_dnf;
  return k_sqlite_time;
}

// Milliseconds take six bytes in a row; seconds four, which the general search finds.
std::optional<TokenAt> milliseconds_at(std::string_view a, std::string_view b, std::size_t at,
                                       const Surroundings& surroundings) {
  constexpr std::size_t k_width = 6;
  const std::size_t first = at + 1 > k_width ? at + 1 - k_width : 0;
  for (std::size_t begin = first; begin <= at; ++begin) {
    if (!has(a, begin, k_width)) break;
    const auto value_a = be(a, begin, k_width);
    const auto value_b = be(b, begin, k_width);
    if (!within(surroundings.build_a, static_cast<std::int64_t>(value_a / 1000)) ||
        !within(surroundings.build_b, static_cast<std::int64_t>(value_b / 1000))) {
      continue;
    }
    const auto shown = [](std::uint64_t value) { return moment(value / 1000, value % 1000 * 1'000'000); };
    return TokenAt{{begin, k_width}, shown(value_a), shown(value_b)};
  }
  return std::nullopt;
}

class SqliteComparison {
 public:
  explicit SqliteComparison(const Reading& reading)
      : m_reading(reading), m_a(reading.a()), m_b(reading.b()) {}

  std::optional<Cause> answer() {
    header();
    if (equal_outside(m_a, m_b, m_masks)) return m_findings.result(true);
    // The counters of databases whose rows differ say nothing; only the rows do.
    if (!rows() || !equal_outside(m_a, m_b, m_masks)) return std::nullopt;
    return m_findings.result(true);
  }

 private:
  void header() {
    for (const std::size_t at : {k_change_counter, k_valid_for}) {
      if (be(m_a, at, 4) == be(m_b, at, 4)) continue;
      m_findings.add(k_sqlite_counters, change(fmt::format("offset {}", at), std::to_string(be(m_a, at, 4)),
                                               std::to_string(be(m_b, at, 4))));
      m_masks.push_back(same_place(at, 4));
    }
    if (be(m_a, k_version, 4) != be(m_b, k_version, 4)) {
      m_findings.add(k_sqlite_version,
                     change(fmt::format("offset {}", k_version), version(m_a), version(m_b)));
      m_masks.push_back(same_place(k_version, 4));
    }
  }

  static std::string version(std::string_view bytes) {
    const auto value = be(bytes, k_version, 4);
    return fmt::format("{}.{}.{}", value / 1'000'000, value / 1000 % 1000, value % 1000);
  }

  bool rows() {
    constexpr std::size_t k_most_page_runs = 20'000;
    const auto runs = differing(m_a, m_b, k_most_page_runs);
    if (!runs) return false;
    Findings rows;
    std::size_t covered = k_sqlite_head;
    for (const Range& run : *runs) {
      for (std::size_t at = std::max(covered, run.begin); at < run.end(); at = covered) {
        const auto range = token(at, rows);
        if (!range || range->end() <= at) return false;
        m_masks.push_back({*range, *range});
        covered = range->end();
      }
    }
    // The rows are the cause; the counters follow them.
    if (const auto main = rows.result(true)) m_findings = rows;
    return true;
  }

  std::optional<Range> token(std::size_t at, Findings& rows) {
    const Surroundings& surroundings = m_reading.surroundings;
    const auto found = [&](const Row& row, const TokenAt& token) {
      rows.add(row, change(fmt::format("offset {}", token.range.begin), token.a, token.b));
      return token.range;
    };
    const auto date = date_at(m_a, m_b, at, surroundings);
    if (const DateFit fit = date ? fit_of(*date, surroundings) : DateFit::none; fit != DateFit::none) {
      if (fit != DateFit::certain) rows.suppose();
      const auto text = [&](std::string_view bytes) {
        return in_quotes(bytes.substr(date->range.begin, date->range.size));
      };
      return found(k_sqlite_date, {date->range, text(m_a), text(m_b)});
    }
    if (const auto random = random_name_at(m_a, m_b, at)) return found(k_sqlite_random, *random);
    if (const auto time = milliseconds_at(m_a, m_b, at, surroundings)) {
      return found(sqlite_time_row(m_reading.pair.path), *time);
    }
    if (const auto time = time_number_at(m_a, m_b, at, surroundings)) {
      return found(sqlite_time_row(m_reading.pair.path), *time);
    }
    return std::nullopt;
  }

  const Reading& m_reading;
  std::string_view m_a;
  std::string_view m_b;
  Findings m_findings;
  std::vector<Mask> m_masks;
};

}  // namespace

std::optional<Cause> of_sqlite(const Reading& reading) {
  if (!reading.both_start_with(std::string_view("SQLite format 3\0", 16))) return std::nullopt;
  if (reading.a().size() != reading.b().size() || reading.a().size() < k_sqlite_head) return std::nullopt;
  return SqliteComparison(reading).answer();
}

}  // namespace buildlab::causes::formats
