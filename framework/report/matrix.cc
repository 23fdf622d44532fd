#include "framework/report/matrix.h"

#include <fmt/format.h>

#include "framework/base/bytes.h"
#include "framework/base/text.h"
#include "framework/base/time.h"
#include "framework/record/backends.h"
#include "framework/report/characters.h"
#include "framework/report/markdown_text.h"
#include "framework/report/text_table.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

using record::BackendSummary;
using record::BreakEven;

const std::vector<std::string>& matrix_columns() {
  static const std::vector<std::string> k_columns = {
      "backend", "builds", "cached",    "hit ratio", "median", "95 % interval",
      "start",   "import", "hydration", "steps",     "image",  "cache export",
      "down",    "up",     "value",     "same image"};
  return k_columns;
}

std::string signed_seconds(double seconds) {
  return (seconds < 0 ? "-" : "+") + to_short_text(seconds < 0 ? -seconds : seconds);
}

std::string bytes_or_gap(const std::optional<double>& bytes) {
  return bytes ? to_string(Bytes{static_cast<std::uint64_t>(*bytes)}) : "–";
}

std::string value_cell(const std::optional<metrics::Estimate>& value) {
  if (!value) return "–";
  return fmt::format("{} ({} … {})", signed_seconds(value->median), signed_seconds(value->low),
                     signed_seconds(value->high));
}

std::string builds_cell(const BackendSummary& row) {
  return row.valid == row.builds ? fmt::format("{}", row.builds)
                                 : fmt::format("{} of {}", row.valid, row.builds);
}

std::string cached_cell(const BackendSummary& row) {
  if (!row.least_hits || !row.most_hits) return "–";
  return *row.least_hits == *row.most_hits ? fmt::format("{}", *row.most_hits)
                                           : fmt::format("{}…{}", *row.least_hits, *row.most_hits);
}

TableLine cells_of(const BackendSummary& row) {
  const auto& duration = row.duration;
  return {
      row.name,
      builds_cell(row),
      cached_cell(row),
      row.hit_ratio ? ratio_text(*row.hit_ratio) : "–",
      duration ? to_short_text(duration->median) : "–",
      duration ? fmt::format("{} … {}", to_short_text(duration->low), to_short_text(duration->high)) : "–",
      seconds_or_gap(row.start_sec),
      seconds_or_gap(row.import_sec),
      seconds_or_gap(row.hydration_sec),
      seconds_or_gap(row.steps_sec),
      seconds_or_gap(row.export_sec),
      seconds_or_gap(row.cache_export_sec),
      bytes_or_gap(row.bytes_down),
      bytes_or_gap(row.bytes_up),
      value_cell(row.value),
      row.same_image ? fmt::format("{} of {}", *row.same_image, row.valid) : "–"};
}

std::string place_of(const BreakEven& found, double at) {
  return found.of == BreakEven::Of::bandwidth
             ? fmt::format("{}/s", to_string(Bytes{static_cast<std::uint64_t>(at)}))
             : fmt::format("{:.0f} ms a request", at);
}

std::string break_even_line(const BreakEven& found) {
  std::string points;
  for (const BreakEven::Point& point : found.points)
    points += fmt::format("{}{} at {}", points.empty() ? "" : ", ", signed_seconds(point.value_sec),
                          place_of(found, point.at));
  const std::string what = found.of == BreakEven::Of::bandwidth ? "bandwidth" : "latency";
  if (!found.at)
    return fmt::format("break-even of {} in {}: not between the points that were measured ({})",
                       found.backend, what, points);
  return fmt::format("break-even of {} in {}: {}, computed between {}", found.backend, what,
                     place_of(found, *found.at), points);
}

Json estimate_to_json(const std::optional<metrics::Estimate>& estimate) {
  if (!estimate) return nullptr;
  return {{"median", estimate->median}, {"low", estimate->low}, {"high", estimate->high}};
}

// What a row's numbers leave out, in words.
std::vector<std::string> remarks_on(const BackendSummary& row) {
  std::vector<std::string> lines;
  if (row.failure) {
    lines.push_back(fmt::format("{}: {} failed: {}", row.name,
                                row.failed == 1 ? "a build" : fmt::format("{} builds", row.failed),
                                printable(one_line(*row.failure, 400))));
  }
  if (row.noisy > 0) {
    lines.push_back(fmt::format("{}: {} of {} builds in no time and no value, for a noisy network", row.name,
                                row.noisy, row.valid));
  }
  return lines;
}

}  // namespace

std::vector<std::string> matrix_lines(const record::ScenarioRecord& record) {
  std::vector<std::string> lines;
  if (record.backends.empty()) return lines;
  std::vector<TableLine> table{matrix_columns()};
  const std::vector<BackendSummary> rows = record::summarise_backends(record);
  for (const BackendSummary& row : rows) table.push_back(cells_of(row));
  std::vector<std::size_t> right;
  for (std::size_t i = 1; i < matrix_columns().size(); ++i) right.push_back(i);
  const std::string text = aligned(table, right);
  for (const std::string_view line : split(text, '\n')) {
    if (!line.empty()) lines.emplace_back(line);
  }
  for (const BackendSummary& row : rows) {
    for (std::string& remark : remarks_on(row)) lines.push_back(std::move(remark));
  }
  for (const BreakEven& found : record::break_evens(record)) lines.push_back(break_even_line(found));
  return lines;
}

std::string matrix_section(const record::ScenarioRecord& record) {
  if (record.backends.empty()) return "";
  std::string text = fmt::format("### Cache backends of {}\n\n", markdown_text(record.name)) +
                     markdown_header(matrix_columns());
  const std::vector<BackendSummary> rows = record::summarise_backends(record);
  for (const BackendSummary& row : rows) {
    TableLine cells = cells_of(row);
    cells.front() = markdown_text(cells.front());
    text += markdown_row(cells);
  }
  text +=
      "\nMedians of the valid builds. Value is the duration without a cache less that with it, and its 95 % "
      "interval; below 0 the cache costs more than it saves.\n";
  for (const BackendSummary& row : rows) {
    for (const std::string& remark : remarks_on(row)) text += fmt::format("\n{}\n", markdown_text(remark));
  }
  for (const BreakEven& found : record::break_evens(record))
    text += fmt::format("\n{}\n", markdown_text(break_even_line(found)));
  return text;
}

Json matrix_to_json(const record::ScenarioRecord& record) {
  Json rows = Json::array();
  for (const BackendSummary& row : record::summarise_backends(record)) {
    rows.push_back({{"name", row.name},
                    {"builds", row.builds},
                    {"valid", row.valid},
                    {"noisy", row.noisy},
                    {"failed", row.failed},
                    {"failure", or_null(row.failure)},
                    {"least_hits", or_null(row.least_hits)},
                    {"most_hits", or_null(row.most_hits)},
                    {"hit_ratio", or_null(row.hit_ratio)},
                    {"duration_sec", estimate_to_json(row.duration)},
                    {"start_sec", or_null(row.start_sec)},
                    {"import_sec", or_null(row.import_sec)},
                    {"hydration_sec", or_null(row.hydration_sec)},
                    {"steps_sec", or_null(row.steps_sec)},
                    {"export_sec", or_null(row.export_sec)},
                    {"cache_export_sec", or_null(row.cache_export_sec)},
                    {"bytes_down", or_null(row.bytes_down)},
                    {"bytes_up", or_null(row.bytes_up)},
                    {"value_sec", estimate_to_json(row.value)},
                    {"value_on_runner_sec", estimate_to_json(row.value_on_runner)},
                    {"same_image", or_null(row.same_image)}});
  }
  return rows;
}

Json break_evens_to_json(const record::ScenarioRecord& record) {
  Json rows = Json::array();
  for (const BreakEven& found : record::break_evens(record)) {
    Json points = Json::array();
    for (const BreakEven::Point& point : found.points)
      points.push_back({{"at", point.at}, {"value_sec", point.value_sec}});
    rows.push_back({{"backend", found.backend},
                    {"of", found.of == BreakEven::Of::bandwidth ? "bytes_per_sec" : "latency_ms"},
                    {"at", or_null(found.at)},
                    {"points", std::move(points)}});
  }
  return rows;
}

}  // namespace buildlab::report
