// A walk through history for GitHub.
#include <fmt/format.h>

#include "framework/base/time.h"
#include "framework/report/characters.h"
#include "framework/report/markdown_text.h"
#include "framework/report/replay.h"
#include "framework/report/text_table.h"

namespace buildlab::report {
namespace {

constexpr std::size_t k_shown_commits = 200;

std::string commit_rows(const replay::Walk& walk) {
  std::string text = markdown_header({"#", "commit", "build", "cached", "subject", ""});
  std::size_t shown = 0;
  for (const replay::Row& row : walk.rows) {
    if (shown++ == k_shown_commits) break;
    const bool built = row.outcome == replay::Outcome::built;
    const std::size_t steps = static_cast<std::size_t>(row.hits) + row.ran.size();
    text +=
        markdown_row({fmt::format("{}", row.number), markdown_code(row.commit.substr(0, 10)),
                      seconds_or_gap(row.duration_sec), built ? fmt::format("{}/{}", row.hits, steps) : "–",
                      markdown_text(cut_to(printable(row.subject), 60)), markdown_text(row_words(row))});
  }
  if (walk.rows.size() > k_shown_commits)
    text += fmt::format("\n{} more commits are not shown.\n", walk.rows.size() - k_shown_commits);
  return text;
}

std::string class_rows(const replay::Sums& sums) {
  std::string text =
      markdown_header({"changed", "commits", "share", "build", "alone", "a commit's expected"});
  for (const replay::ClassSum& sum : sums.classes) {
    text += markdown_row({markdown_code(sum.name), fmt::format("{}", sum.commits),
                          fmt::format("{:.0f} %", sum.share * 100), to_short_text(sum.mean_sec),
                          seconds_or_gap(sum.alone_sec), to_short_text(sum.expected_sec)});
  }
  return text;
}

std::string step_rows(const replay::Sums& sums) {
  std::string text = markdown_header({"step", "commits", "share", "when it ran", "a commit's expected"});
  for (const replay::StepSum& sum : sums.steps) {
    text += markdown_row({markdown_code(cut_to(printable(sum.text), 80)), fmt::format("{}", sum.commits),
                          fmt::format("{:.0f} %", sum.share * 100), to_short_text(sum.mean_sec),
                          to_short_text(sum.expected_sec)});
  }
  return text;
}

}  // namespace

std::string to_markdown(const replay::Walk& walk) {
  const replay::Sums sums = replay::sum_up(walk.rows);
  std::string text = fmt::format("### What a commit costs: {}, {}\n\n{}\n", markdown_text(walk.subject),
                                 markdown_text(walk.range), markdown_text(summary_line(sums)));
  const std::string left_out = left_out_line(walk, sums);
  if (!left_out.empty()) text += fmt::format("\nNot counted: {}\n", markdown_text(left_out));
  if (!sums.classes.empty()) text += "\n" + class_rows(sums);
  if (!sums.steps.empty()) text += "\n" + step_rows(sums);
  text += fmt::format("\n<details><summary>{} commits</summary>\n\n{}\n</details>\n", walk.rows.size(),
                      commit_rows(walk));
  for (const std::string& note : walk.notes) text += fmt::format("\n- {}", markdown_text(note));
  return text;
}

}  // namespace buildlab::report
