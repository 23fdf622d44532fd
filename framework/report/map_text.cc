// The map of a context for people.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "framework/base/bytes.h"
#include "framework/base/time.h"
#include "framework/report/characters.h"
#include "framework/report/colour.h"
#include "framework/report/map.h"
#include "framework/report/text_table.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

using invalidation::ClassRow;

constexpr std::size_t k_named_steps = 4;

std::string map_step_words(const invalidation::Map& map, std::size_t step) {
  const invalidation::StepNode& node = map.steps[step];
  return fmt::format(":{} {}", node.line, short_instruction(node.text));
}

std::string steps_of(const invalidation::Map& map, const ClassRow& row) {
  if (row.affected.empty()) return "no step reads it";
  std::string text;
  for (std::size_t i = 0; i < row.affected.size() && i < k_named_steps; ++i) {
    const invalidation::Affected& each = row.affected[i];
    text += fmt::format("{}{}{}", i == 0 ? "" : ", ", map_step_words(map, each.step),
                        each.reach == invalidation::Reach::at_most ? " (at most)" : "");
  }
  if (row.affected.size() > k_named_steps)
    text += fmt::format(" and {} more", row.affected.size() - k_named_steps);
  return text;
}

TableLine line_of(const invalidation::Map& map, const ClassRow& row) {
  const std::optional<double> chain = row.probe ? std::optional(row.probe->critical_path_sec) : row.chain_sec;
  return {cut_to(printable(row.name), 50),
          fmt::format("{}", row.files),
          to_string(Bytes{row.size_bytes}),
          fmt::format("{}", row.probe ? row.probe->ran.size() + row.probe->unknown : row.affected.size()),
          seconds_or_gap(cost_of(row)),
          seconds_or_gap(chain),
          row.probe ? "measured" : "derived",
          printable(steps_of(map, row))};
}

std::string remarks(const invalidation::Map& map) {
  std::string text;
  for (const ClassRow& row : map.rows) {
    if (row.unprobed) text += fmt::format("note: {}: {}\n", printable(row.name), printable(*row.unprobed));
    if (!row.probe || row.probe->as_derived) continue;
    std::string ran;
    for (const std::size_t step : row.probe->ran) ran += " " + map_step_words(map, step);
    text += fmt::format("note: {}: an edit of {} ran{}, which is not what the Dockerfile foretells\n",
                        printable(row.name), printable(row.probe->path),
                        ran.empty() ? " nothing" : printable(ran));
  }
  for (const std::string& note : map.notes) text += fmt::format("note: {}\n", printable(note));
  return text;
}

}  // namespace

std::string to_text(const invalidation::Map& map, bool colour) {
  std::string text = fmt::format(
      "{} · {} · {} steps · seconds {}\n\n", printable(map.subject), printable(map.dockerfile),
      map.steps.size(), map.seconds_from ? fmt::format("of record {}", *map.seconds_from) : "not known");
  std::vector<TableLine> lines = {
      {"an edit of", "files", "size", "steps", "own", "critical path", "", "re-runs"}};
  for (const ClassRow& row : map.rows) lines.push_back(line_of(map, row));
  text += aligned(lines, {1, 2, 3, 4, 5});
  const std::string notes = remarks(map);
  if (!notes.empty()) text += "\n" + paint(notes, Tone::quiet, colour);
  return text;
}

}  // namespace buildlab::report
