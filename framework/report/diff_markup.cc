// The comparison for pages: GitHub's markdown and a fragment of HTML.
#include <fmt/format.h>
#include <algorithm>

#include "framework/base/text.h"
#include "framework/drift/inputs.h"
#include "framework/drift/order.h"
#include "framework/report/diff.h"
#include "framework/report/diff_words.h"
#include "framework/report/markdown_text.h"
#include "framework/report/xml.h"

namespace buildlab::report {
namespace {

// A step summary of GitHub holds 1 MiB; a row has some hundred bytes.
constexpr std::size_t k_rows = 200;

struct Row {
  std::string place;
  std::string kind;
  std::string cause;
  std::string evidence;
  std::string fix;
  std::string step;
};

std::vector<Row> rows_of(const drift::Comparison& comparison) {
  std::vector<Row> rows;
  for (const drift::Group& group : drift::groups(comparison.differences)) {
    const drift::Difference& first = group.first();
    Row row;
    row.place = one_line(place_words(first), 200);
    if (group.members.size() > 1) row.place += fmt::format(" (+{})", group.members.size() - 1);
    row.kind = class_words(first);
    if (first.cause) {
      row.cause = first.cause->name;
      row.fix = first.cause->fix;
      if (!first.cause->root.empty()) row.cause += fmt::format(" (follows from {})", first.cause->root);
      if (!first.input.empty()) row.cause += fmt::format(" (root: input {})", first.input);
    }
    row.evidence = one_line(evidence_words(first).front(), 240);
    row.step = step_words(comparison, first);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::string to_markdown(const drift::Comparison& comparison) {
  std::string text = fmt::format("**{}**\n\n", markdown_text(verdict_sentence(comparison)));
  text += fmt::format("A {} and B {}\n", markdown_code(comparison.a.name), markdown_code(comparison.b.name));
  for (std::size_t i = 0; i < comparison.inputs.size() && i < k_rows; ++i) {
    const drift::MovedInput& input = comparison.inputs[i];
    text += fmt::format("{}- {}; fix: {}\n", i == 0 ? "\nInputs that moved:\n\n" : "",
                        markdown_text(one_line(drift::headline(input), 300)), markdown_text(input.fix));
    for (const std::string& line : drift::url_lines(input))
      text += "  - " + markdown_text(one_line(line, 300)) + "\n";
  }
  const std::vector<Row> rows = rows_of(comparison);
  if (!rows.empty()) {
    text += "\n" + markdown_header({"where", "class", "cause", "evidence", "fix", "step"});
  }
  for (std::size_t i = 0; i < rows.size() && i < k_rows; ++i) {
    text += markdown_row({markdown_code(rows[i].place), markdown_text(rows[i].kind),
                          markdown_text(rows[i].cause), markdown_text(rows[i].evidence),
                          markdown_text(rows[i].fix), markdown_text(rows[i].step)});
  }
  if (rows.size() > k_rows) text += fmt::format("\n{} more causes are not shown.\n", rows.size() - k_rows);
  for (const drift::Ignored& ignored : comparison.ignored) {
    text += fmt::format("\nPassed over: {} by {}: {}\n", ignored.differences, markdown_code(ignored.policy),
                        markdown_text(ignored.reason));
  }
  for (const std::string& note : comparison.notes) {
    text += fmt::format("\nNote: {}\n", markdown_text(one_line(note, 400)));
  }
  return text;
}

std::string to_html(const drift::Comparison& comparison) {
  std::string text = fmt::format("<section class=\"buildlab-diff\">\n<p><strong>{}</strong></p>\n",
                                 xml_text(verdict_sentence(comparison)));
  text += fmt::format("<p>A <code>{}</code>, B <code>{}</code></p>\n", xml_text(comparison.a.name),
                      xml_text(comparison.b.name));
  if (!comparison.inputs.empty()) text += "<p>Inputs that moved:</p>\n<ul>\n";
  for (const drift::MovedInput& input : comparison.inputs) {
    text +=
        fmt::format("<li>{}; fix: {}", xml_text(one_line(drift::headline(input), 300)), xml_text(input.fix));
    for (const std::string& line : drift::url_lines(input))
      text += fmt::format("<br><code>{}</code>", xml_text(one_line(line, 300)));
    text += "</li>\n";
  }
  if (!comparison.inputs.empty()) text += "</ul>\n";
  const std::vector<Row> rows = rows_of(comparison);
  if (!rows.empty()) {
    text +=
        "<table>\n<tr><th>where</th><th>class</th><th>cause</th><th>evidence</th><th>fix</th><th>step</th></"
        "tr>\n";
    for (const Row& row : rows) {
      text += fmt::format(
          "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
          xml_text(row.place), xml_text(row.kind), xml_text(row.cause), xml_text(row.evidence),
          xml_text(row.fix), xml_text(row.step));
    }
    text += "</table>\n";
  }
  for (const drift::Ignored& ignored : comparison.ignored) {
    text += fmt::format("<p>Passed over: {} by <code>{}</code>: {}</p>\n", ignored.differences,
                        xml_text(ignored.policy), xml_text(ignored.reason));
  }
  for (const std::string& note : comparison.notes) {
    text += fmt::format("<p>Note: {}</p>\n", xml_text(one_line(note, 400)));
  }
  return text + "</section>\n";
}

}  // namespace buildlab::report
