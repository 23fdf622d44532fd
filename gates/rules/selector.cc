#include "gates/rules/selector.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>
#include <optional>

#include "framework/base/text.h"

namespace buildlab::gates {
namespace {

std::optional<int> line_number(std::string_view selector) {
  int line = 0;
  const auto parsed = std::from_chars(selector.data(), selector.data() + selector.size(), line);
  if (parsed.ec != std::errc() || parsed.ptr != selector.data() + selector.size() || line < 0)
    return std::nullopt;
  return line;
}

// A step's text is cut after 200 bytes, which its end shows; what stands before the cut must agree.
bool starts_with(std::string_view text, std::string_view wanted) {
  constexpr std::string_view k_cut = "…";
  if (text.size() >= k_cut.size() && text.substr(text.size() - k_cut.size()) == k_cut) {
    text.remove_suffix(k_cut.size());
    if (wanted.size() > text.size()) return wanted.substr(0, text.size()) == text;
  }
  return text.substr(0, wanted.size()) == wanted;
}

// BuildKit makes nothing of it, so no build can say whether it was cached.
bool makes_nothing(const metrics::Step& step) {
  return step.outcome == metrics::StepOutcome::not_in_graph &&
         one_line(step.text, step.text.size()) == "WORKDIR /";
}

template <typename Accept>
std::vector<const metrics::Step*> those(const std::vector<metrics::Step>& steps, Accept accept) {
  std::vector<const metrics::Step*> found;
  for (const metrics::Step& step : steps) {
    if (accept(step)) found.push_back(&step);
  }
  return found;
}

}  // namespace

std::vector<const metrics::Step*> select(const std::string& selector,
                                         const std::vector<metrics::Step>& steps) {
  const std::string wanted = one_line(selector, selector.size());
  if (wanted.empty()) return {};
  if (const auto line = line_number(wanted)) {
    return those(steps,
                 [&](const auto& step) { return step.lines.first <= *line && *line <= step.lines.last; });
  }
  const std::string stage = to_lower(wanted);
  auto of_stage =
      those(steps, [&](const auto& step) { return to_lower(step.stage) == stage && !makes_nothing(step); });
  if (!of_stage.empty()) return of_stage;
  return those(steps,
               [&](const auto& step) { return starts_with(one_line(step.text, step.text.size()), wanted); });
}

std::string selectable(const std::string& selector, const std::vector<metrics::Step>& steps) {
  std::vector<std::string> stages;
  std::vector<std::string> lines;
  for (const metrics::Step& step : steps) {
    if (std::find(stages.begin(), stages.end(), step.stage) == stages.end()) stages.push_back(step.stage);
    lines.push_back(std::to_string(step.lines.first));
  }
  if (steps.empty()) return "the target has no RUN, COPY, ADD or WORKDIR";
  std::string text = fmt::format("there are the stages {} and the lines {}", fmt::join(stages, ", "),
                                 fmt::join(lines, ", "));
  if (const auto near = nearest(selector, stages)) text += fmt::format("; did you mean \"{}\"?", *near);
  return text;
}

}  // namespace buildlab::gates
