// A comparison for people and for programs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/base/time.h"
#include "framework/report/characters.h"
#include "framework/report/colour.h"
#include "framework/report/compare.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

constexpr int k_comparison_schema_version = 1;

using Line = std::array<std::string, 5>;  // name, before, now, ratio, word

std::string row_name(const ComparisonRow& row) {
  if (row.before_name == row.after_name) return row.before_name;
  return fmt::format("{} → {}", row.before_name, row.after_name);
}

std::string seconds_or_dash(const std::optional<double>& seconds) {
  return seconds ? to_short_text(*seconds) : "–";
}

std::string ratio_or_dash(const std::optional<double>& ratio) {
  return ratio ? ratio_text(*ratio) : "–";
}

Tone tone_of(std::string_view change) {
  if (change == "slower") return Tone::bad;
  if (change == "faster") return Tone::good;
  return Tone::quiet;
}

Line duration_line(const ComparisonRow& row, bool colour) {
  std::string ratio = "–";
  if (row.ratio && row.ratio->count < 2) {
    ratio = fmt::format("×{:.2f}", row.ratio->median);
  } else if (row.ratio) {
    ratio = fmt::format("×{:.2f} ({:.2f} … {:.2f})", row.ratio->median, row.ratio->low, row.ratio->high);
  }
  return {row_name(row), seconds_or_dash(row.before_median), seconds_or_dash(row.after_median), ratio,
          paint(row.change, tone_of(row.change), colour)};
}

std::optional<Line> hits_line(const ComparisonRow& row, bool colour) {
  if (row.before_hits == row.after_hits) return std::nullopt;
  const bool fewer = row.before_hits && row.after_hits && *row.after_hits < *row.before_hits;
  const bool more = row.before_hits && row.after_hits && *row.after_hits > *row.before_hits;
  const std::string word = fewer  ? paint("fewer hits", Tone::bad, colour)
                           : more ? paint("more hits", Tone::good, colour)
                                  : "";
  return Line{"  cache hits", ratio_or_dash(row.before_hits), ratio_or_dash(row.after_hits), "", word};
}

std::string short_digests(const std::string& digests) {
  if (digests.empty()) return "–";
  const std::size_t count = split(digests, ',').size();
  return count == 1 ? short_digest(digests).substr(7) : fmt::format("{} digests", count);
}

std::optional<Line> digest_line(const ComparisonRow& row) {
  if (row.before_digest.empty() && row.after_digest.empty()) return std::nullopt;
  const std::string word = row.before_digest == row.after_digest ? "the same" : "changed";
  return Line{"  digest", short_digests(row.before_digest), short_digests(row.after_digest), "", word};
}

std::string table(const std::vector<Line>& lines) {
  std::array<std::size_t, 5> widths{};
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], columns(line[i]));
  }
  std::string text;
  for (const Line& line : lines) {
    std::string row =
        fmt::format("{}  {}  {}  {}  {}", pad_right(line[0], widths[0]), pad_left(line[1], widths[1]),
                    pad_left(line[2], widths[2]), pad_right(line[3], widths[3]), line[4]);
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

std::string raw_values(const std::vector<double>& seconds, const std::vector<std::size_t>& outliers) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const bool marked = std::find(outliers.begin(), outliers.end(), i) != outliers.end();
    texts.push_back(to_short_text(seconds[i]) + (marked ? " (outlier)" : ""));
  }
  return texts.empty() ? "no valid build" : fmt::format("{}", fmt::join(texts, " "));
}

Json row_to_json(const ComparisonRow& row) {
  Json ratio = nullptr;
  if (row.ratio) {
    ratio = {{"median", row.ratio->median},
             {"low", row.ratio->low},
             {"high", row.ratio->high},
             {"count", row.ratio->count}};
  }
  return {{"before",
           {{"name", row.before_name},
            {"run_id", row.before_run},
            {"durations_sec", row.before_sec},
            {"outliers", row.before_outliers},
            {"noisy_network", or_null(row.before_noisy)},
            {"median_sec", or_null(row.before_median)},
            {"cache_hit_ratio", or_null(row.before_hits)},
            {"digest", or_null(row.before_digest)}}},
          {"after",
           {{"name", row.after_name},
            {"run_id", row.after_run},
            {"durations_sec", row.after_sec},
            {"outliers", row.after_outliers},
            {"noisy_network", or_null(row.after_noisy)},
            {"median_sec", or_null(row.after_median)},
            {"cache_hit_ratio", or_null(row.after_hits)},
            {"digest", or_null(row.after_digest)}}},
          {"ratio", std::move(ratio)},
          {"change", row.change},
          {"pace", row.pace},
          {"moved_most", or_null(row.moved_most)},
          {"circumstances", row.circumstances}};
}

}  // namespace

std::string to_text(const Comparison& comparison, bool colour) {
  std::string text;
  if (comparison.rows.empty()) {
    text = "The two have no scenario and no subject in common, so there is nothing to compare.\n";
  } else if (comparison.by_subject) {
    text = "The two runs have no scenario in common: scenarios of one subject are side by side.\n\n";
  }
  std::vector<Line> lines;
  if (!comparison.rows.empty()) lines.push_back({"", "before", "now", "change (95 % interval)", ""});
  for (const ComparisonRow& row : comparison.rows) {
    lines.push_back(duration_line(row, colour));
    if (const auto line = hits_line(row, colour)) lines.push_back(*line);
    if (const auto line = digest_line(row)) lines.push_back(*line);
  }
  text += table(lines);
  for (const ComparisonRow& row : comparison.rows) {
    text += fmt::format("\n{}\n  before  {}   {}\n  now     {}   {}\n", row_name(row), row.before_run,
                        raw_values(row.before_sec, row.before_outliers), row.after_run,
                        raw_values(row.after_sec, row.after_outliers));
    if (row.before_noisy)
      text += fmt::format("  before met a noisy network: {}\n", printable(*row.before_noisy));
    if (row.after_noisy)
      text += fmt::format("  now meets a noisy network: {}\n", printable(*row.after_noisy));
    if (row.change == to_string(metrics::Change::other_times))
      text += fmt::format(
          "  they differ by less than ×{:.2f}, by which the machine's pace may differ between two "
          "runs (--pace); a gate on max_duration_ratio builds both by turns\n",
          row.pace);
    if (!row.moved_most.empty()) text += fmt::format("  moved most: {}\n", printable(row.moved_most));
    for (const std::string& difference : row.circumstances)
      text += fmt::format("  differs: {}\n", printable(difference));
  }
  if (!comparison.unpaired.empty()) {
    text += fmt::format("\nNot compared: {}\n", fmt::join(comparison.unpaired, ", "));
  }
  return text;
}

std::string to_json(const Comparison& comparison) {
  Json rows = Json::array();
  for (const ComparisonRow& row : comparison.rows) rows.push_back(row_to_json(row));
  return to_pretty_text({{"schema_version", k_comparison_schema_version},
                         {"by_subject", comparison.by_subject},
                         {"rows", std::move(rows)},
                         {"unpaired", comparison.unpaired}});
}

}  // namespace buildlab::report
