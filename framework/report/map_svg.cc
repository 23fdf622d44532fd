// The map of a context as a picture. Widths are seconds; without seconds, every step is of one width.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "framework/base/time.h"
#include "framework/report/characters.h"
#include "framework/report/map.h"
#include "framework/report/values.h"
#include "framework/report/xml.h"

namespace buildlab::report {
namespace {

using invalidation::ClassRow;

constexpr double k_label_width = 300;
constexpr double k_bar_width = 640;
constexpr double k_row_height = 26;
constexpr double k_bar_height = 18;
constexpr double k_head_height = 54;
constexpr double k_amount_width = 150;
constexpr std::size_t k_most_rows = 60;

// Told apart by people who see few colours, too (Okabe and Ito).
constexpr std::array<std::string_view, 7> k_colours = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                                       "#56b4e9", "#d55e00", "#999999"};

struct Part {
  std::size_t step = 0;
  double amount = 0;  // seconds, or 1 where none are known
  bool at_most = false;
};

bool has_seconds(const invalidation::Map& map) {
  return std::any_of(map.rows.begin(), map.rows.end(),
                     [](const ClassRow& row) { return cost_of(row).has_value(); });
}

// A measured row shows the steps that ran, with their share of the measured seconds; steps that are not in
// the Dockerfile (it changed since) are not drawn.
std::vector<Part> parts_of(const invalidation::Map& map, const ClassRow& row, bool seconds) {
  std::vector<Part> parts;
  if (row.probe) {
    double derived = 0;
    for (const std::size_t step : row.probe->ran) derived += map.steps[step].seconds.value_or(0);
    const auto count = static_cast<double>(std::max<std::size_t>(row.probe->ran.size(), 1));
    for (const std::size_t step : row.probe->ran) {
      const double share = derived > 0 ? map.steps[step].seconds.value_or(0) / derived : 1 / count;
      parts.push_back({step, row.probe->own_sec * share, false});
    }
    return parts;
  }
  for (const invalidation::Affected& each : row.affected) {
    const double amount = seconds ? map.steps[each.step].seconds.value_or(0) : 1;
    parts.push_back({each.step, amount, each.reach == invalidation::Reach::at_most});
  }
  return parts;
}

std::string label(const invalidation::Map& map, const Part& part, bool seconds, bool measured) {
  const invalidation::StepNode& node = map.steps[part.step];
  std::string text = fmt::format("{}:{} {}", map.dockerfile, node.line, node.text);
  if (seconds) text += fmt::format(", {}", to_short_text(part.amount));
  if (part.at_most) text += ", at most: only if the copied files become others";
  return text + (measured ? ", measured" : ", derived");
}

std::string bar(const invalidation::Map& map, const ClassRow& row, double y, double scale, bool seconds) {
  std::string text;
  double x = k_label_width;
  for (const Part& part : parts_of(map, row, seconds)) {
    const double width = part.amount * scale;
    const std::string_view colour = k_colours[part.step % k_colours.size()];
    text += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.0f}\" fill=\"{}\" fill-opacity=\"{}\" "
        "stroke=\"#ffffff\" stroke-width=\"0.5\"><title>{}</title></rect>\n",
        x, y, width, k_bar_height, colour, part.at_most ? "0.5" : "1",
        xml_text(label(map, part, seconds, row.probe.has_value())));
    x += width;
  }
  if (!row.probe && x > k_label_width) {
    text += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.0f}\" fill=\"url(#derived)\" "
        "pointer-events=\"none\"/>\n",
        k_label_width, y, x - k_label_width, k_bar_height);
  }
  const auto cost = cost_of(row);
  const std::string value = row.affected.empty() ? std::string("no step reads it")
                            : cost               ? to_short_text(*cost)
                                                 : fmt::format("{} steps", row.affected.size());
  return text + fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}{}</text>\n", x + 6, y + 13, value,
                            row.probe ? " measured" : "");
}

double longest_bar(const invalidation::Map& map, bool seconds) {
  double longest = 0;
  for (const ClassRow& row : map.rows) {
    double sum = 0;
    for (const Part& part : parts_of(map, row, seconds)) sum += part.amount;
    longest = std::max(longest, sum);
  }
  return longest;
}

}  // namespace

std::string to_svg(const invalidation::Map& map) {
  const bool seconds = has_seconds(map);
  const double longest = longest_bar(map, seconds);
  const double scale = longest > 0 ? k_bar_width / longest : 0;
  const std::size_t shown = std::min(map.rows.size(), k_most_rows);
  const double width = k_label_width + k_bar_width + k_amount_width;
  const double height = k_head_height + k_row_height * static_cast<double>(shown) + 28;
  std::string text = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.0f}\" height=\"{:.0f}\" viewBox=\"0 0 {:.0f} "
      "{:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n"
      "<defs><pattern id=\"derived\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
      "patternTransform=\"rotate(45)\"><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\" stroke=\"#ffffff\" "
      "stroke-width=\"2\" stroke-opacity=\"0.6\"/></pattern></defs>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
      width, height, width, height);
  text += fmt::format(
      "<text x=\"12\" y=\"22\" font-size=\"15\" font-weight=\"bold\">What an edit re-runs: {}</text>\n",
      xml_text(printable(map.subject)));
  text += fmt::format(
      "<text x=\"12\" y=\"42\" fill=\"#555555\">{} · {}; hatched: derived from the Dockerfile, "
      "plain: measured</text>\n",
      xml_text(printable(map.dockerfile)),
      seconds ? "seconds of the steps that run again" : "number of steps that run again");
  double y = k_head_height;
  for (std::size_t i = 0; i < shown; ++i) {
    const ClassRow& row = map.rows[i];
    text += fmt::format(
        "<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{}<title>{} files, for example "
        "{}</title></text>\n",
        k_label_width - 8, y + 13, xml_text(cut_to(printable(row.name), 44)), row.files,
        xml_text(printable(row.example)));
    text += bar(map, row, y, scale, seconds);
    y += k_row_height;
  }
  if (map.rows.size() > shown)
    text += fmt::format("<text x=\"12\" y=\"{:.1f}\" fill=\"#555555\">and {} more classes</text>\n", y + 14,
                        map.rows.size() - shown);
  return text + "</svg>\n";
}

}  // namespace buildlab::report
