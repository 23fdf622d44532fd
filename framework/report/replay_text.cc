// A walk through history for people.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "framework/base/text.h"
#include "framework/base/time.h"
#include "framework/report/characters.h"
#include "framework/report/colour.h"
#include "framework/report/replay.h"
#include "framework/report/text_table.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

using Cells = TableLine;

std::string percent(double share) {
  return fmt::format("{:.0f} %", share * 100);
}

Cells row_cells(const replay::Row& row) {
  const std::size_t steps = static_cast<std::size_t>(row.hits) + row.ran.size();
  const bool built = row.outcome == replay::Outcome::built;
  return {fmt::format("{}", row.number),      row.commit.substr(0, 10),
          seconds_or_gap(row.duration_sec),   built ? fmt::format("{}/{}", row.hits, steps) : "–",
          cut_to(printable(row.subject), 40), printable(row_words(row))};
}

std::string rows_table(const replay::Walk& walk) {
  std::vector<Cells> lines = {{"#", "commit", "build", "cached", "subject", ""}};
  for (const replay::Row& row : walk.rows) lines.push_back(row_cells(row));
  return aligned(lines, {0, 2, 3});
}

std::string classes_table(const replay::Sums& sums) {
  std::vector<Cells> lines = {{"changed", "commits", "share", "build", "alone", "a commit's expected"}};
  for (const replay::ClassSum& sum : sums.classes) {
    lines.push_back({cut_to(printable(sum.name), 60), fmt::format("{}", sum.commits), percent(sum.share),
                     to_short_text(sum.mean_sec), seconds_or_gap(sum.alone_sec),
                     to_short_text(sum.expected_sec)});
  }
  return aligned(lines, {1, 2, 3, 4, 5});
}

std::string steps_table(const replay::Sums& sums) {
  std::vector<Cells> lines = {{"step", "commits", "share", "when it ran", "a commit's expected", ""}};
  for (const replay::StepSum& sum : sums.steps) {
    std::string reasons;
    for (const auto& [reason, count] : sum.reasons)
      reasons += fmt::format("{}{} ×{}", reasons.empty() ? "" : ", ", reason, count);
    lines.push_back({cut_to(printable(sum.text), 60), fmt::format("{}", sum.commits), percent(sum.share),
                     to_short_text(sum.mean_sec), to_short_text(sum.expected_sec), reasons});
  }
  return aligned(lines, {1, 2, 3, 4});
}

std::string notes_of(const replay::Walk& walk) {
  std::string text;
  for (const std::string& note : walk.notes) text += fmt::format("note: {}\n", printable(note));
  for (const replay::Row& row : walk.rows) {
    for (const std::string& note : row.notes)
      text += fmt::format("note: commit {}: {}\n", row.number, printable(note));
    if (row.invalid_reason)
      text += fmt::format("note: commit {} is no sample: {}\n", row.number, printable(*row.invalid_reason));
  }
  return text;
}

std::string counted(std::size_t count, std::string_view one, std::string_view more) {
  return fmt::format("{} {}", count, count == 1 ? one : more);
}

}  // namespace

std::string row_words(const replay::Row& row) {
  if (row.problem) return fmt::format("{}: {}", to_string(row.outcome), one_line(*row.problem, 160));
  if (row.primes) return "primes the builder; counts in no sum";
  if (row.ran.empty()) return "";
  std::string words = "re-ran ";
  constexpr std::size_t k_named_of_row = 4;
  for (std::size_t i = 0; i < row.ran.size() && i < k_named_of_row; ++i)
    words += fmt::format("{}:{} {}", i == 0 ? "" : ", ", row.ran[i].line, short_instruction(row.ran[i].text));
  if (row.ran.size() > k_named_of_row) words += fmt::format(" and {} more", row.ran.size() - k_named_of_row);
  return words;
}

std::string summary_line(const replay::Sums& sums) {
  std::string text = fmt::format("{} of {} count", counted(sums.counted, "build", "builds"),
                                 counted(sums.commits, "commit", "commits"));
  if (!sums.duration || !sums.mean_sec) return text;
  text += fmt::format(": median {}", to_short_text(sums.duration->median));
  if (sums.duration->count > 1)
    text += fmt::format(" ({} … {})", to_short_text(sums.duration->low), to_short_text(sums.duration->high));
  text += fmt::format(", mean {}", to_short_text(*sums.mean_sec));
  if (sums.hit_ratio) text += fmt::format("; cache hit ratio {}", ratio_text(*sums.hit_ratio));
  return text + fmt::format("; {} ran nothing", counted(sums.full_hits, "build", "builds"));
}

std::string left_out_line(const replay::Walk& walk, const replay::Sums& sums) {
  std::vector<std::string> parts;
  if (sums.failed > 0) parts.push_back(counted(sums.failed, "build failed", "builds failed"));
  if (sums.without_dockerfile > 0)
    parts.push_back(counted(sums.without_dockerfile, "commit has", "commits have") + " no Dockerfile");
  if (sums.refused > 0) parts.push_back(counted(sums.refused, "commit was", "commits were") + " refused");
  const auto invalid =
      static_cast<std::size_t>(std::count_if(walk.rows.begin(), walk.rows.end(), [](const replay::Row& row) {
        return row.invalid_reason.has_value();
      }));
  if (invalid > 0) parts.push_back(counted(invalid, "build was", "builds were") + " no sample");
  const bool first_primes = std::any_of(walk.rows.begin(), walk.rows.end(),
                                        [](const replay::Row& row) { return row.primes && row.number > 0; });
  if (first_primes) parts.emplace_back("1 build primed the builder");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<std::string> replay_lines(const replay::Walk& walk) {
  constexpr std::size_t k_most_classes = 5;
  replay::Sums sums = replay::sum_up(walk.rows);
  std::vector<std::string> lines = {fmt::format("{}: {}", walk.range, summary_line(sums))};
  const std::string left_out = left_out_line(walk, sums);
  if (!left_out.empty()) lines.push_back("not counted: " + left_out);
  if (sums.classes.size() > k_most_classes) sums.classes.resize(k_most_classes);
  if (sums.classes.empty()) return lines;
  const std::string table = classes_table(sums);
  for (const std::string_view line : split(table, '\n')) {
    if (!line.empty()) lines.emplace_back(line);
  }
  return lines;
}

std::string to_text(const replay::Walk& walk, bool colour) {
  const replay::Sums sums = replay::sum_up(walk.rows);
  std::string text = fmt::format("{} · {} · {} · BuildKit {} · {} cores\n\n{}\n", printable(walk.subject),
                                 printable(walk.range), printable(walk.dockerfile), walk.buildkit_version,
                                 walk.cores, rows_table(walk));
  const std::string left_out = left_out_line(walk, sums);
  text += paint(summary_line(sums), sums.counted > 0 ? Tone::good : Tone::doubtful, colour) + "\n";
  if (!left_out.empty()) text += paint("not counted: " + left_out, Tone::doubtful, colour) + "\n";
  if (!sums.classes.empty()) text += "\n" + classes_table(sums);
  if (!sums.steps.empty()) text += "\n" + steps_table(sums);
  const std::string notes = notes_of(walk);
  if (!notes.empty()) text += "\n" + notes;
  return text;
}

}  // namespace buildlab::report
