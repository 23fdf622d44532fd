#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "framework/base/text.h"
#include "framework/drift/inputs.h"
#include "framework/report/colour.h"
#include "framework/report/diff.h"
#include "framework/report/diff_words.h"

namespace buildlab::report {
namespace {

constexpr std::size_t k_paths_shown = 5;
constexpr std::size_t k_evidence_shown = 4;
constexpr std::size_t k_inputs_shown = 10;
constexpr std::size_t k_urls_shown = 4;

// Paths of a group, each once, in its order.
std::vector<std::string> paths_of(const drift::Group& group) {
  std::vector<std::string> paths;
  std::set<std::string> seen;
  for (const drift::Difference* member : group.members) {
    if (seen.insert(place_words(*member)).second) paths.push_back(place_words(*member));
  }
  return paths;
}

Tone tone_of(const drift::Difference& difference) {
  if (difference.representation) return Tone::quiet;
  return difference.cause ? Tone::doubtful : Tone::bad;
}

std::string group_text(const drift::Comparison& comparison, const drift::Group& group, std::size_t number,
                       bool colour, bool all) {
  const drift::Difference& first = group.first();
  const std::vector<std::string> paths = paths_of(group);
  std::string head = shown(paths.front(), 200);
  if (paths.size() > 1) head += fmt::format(" and {} more", paths.size() - 1);
  std::string text =
      fmt::format("{:>3}. {}  {}\n", number, paint(class_words(first), tone_of(first), colour), head);
  const auto add = [&text](std::string_view line) { text += fmt::format("     {}\n", line); };
  if (const std::string step = step_words(comparison, first); !step.empty()) add(step);
  if (first.cause) {
    add(first.cause->name);
    if (!first.cause->root.empty()) add("follows from " + shown(first.cause->root, 200));
    if (!first.input.empty()) add("root: input " + shown(first.input, 200));
  }
  const std::vector<std::string> evidence = evidence_words(first);
  for (std::size_t i = 0; i < evidence.size() && i < k_evidence_shown; ++i) add(shown(evidence[i], 240));
  if (!first.cause || group.members.size() > 1) add("attributes: " + shown(attributes_words(group), 400));
  if (first.cause && !first.cause->fix.empty()) add("fix: " + shown(first.cause->fix, 400));
  const std::size_t listed = all ? paths.size() : std::min(paths.size(), k_paths_shown);
  for (std::size_t i = 1; i < listed; ++i) add("  " + shown(paths[i], 200));
  if (listed < paths.size()) add(fmt::format("  … {} more (--all lists them)", paths.size() - listed));
  return text;
}

// Root causes that lie outside of the images: before what follows from them.
std::string inputs_text(const drift::Comparison& comparison, bool colour, bool all) {
  if (comparison.inputs.empty()) return "";
  std::string text = fmt::format("\ninputs that moved: {}\n", comparison.inputs.size());
  const std::size_t shown =
      all ? comparison.inputs.size() : std::min(comparison.inputs.size(), k_inputs_shown);
  for (std::size_t i = 0; i < shown; ++i) {
    const drift::MovedInput& input = comparison.inputs[i];
    const std::string head = one_line(drift::headline(input), 300);
    text += fmt::format("  {}\n", paint(head, Tone::doubtful, colour));
    const std::vector<std::string> lines = drift::url_lines(input);
    const std::size_t urls = all ? lines.size() : std::min(lines.size(), k_urls_shown);
    for (std::size_t at = 0; at < urls; ++at) text += "     " + one_line(lines[at], 300) + "\n";
    if (urls < lines.size()) text += fmt::format("     … {} more (--all lists them)\n", lines.size() - urls);
    text += "     fix: " + input.fix + "\n";
  }
  if (shown < comparison.inputs.size())
    text += fmt::format("  … {} more (--all lists them)\n", comparison.inputs.size() - shown);
  return text;
}

}  // namespace

std::string to_text(const drift::Comparison& comparison, bool colour, bool all) {
  const Tone tone = comparison.verdict == drift::Verdict::different        ? Tone::bad
                    : comparison.verdict == drift::Verdict::representation ? Tone::doubtful
                                                                           : Tone::good;
  std::string text = fmt::format("{}\n", paint(verdict_sentence(comparison), tone, colour));
  const auto line = [](const drift::Side& side) {
    const std::string digest = side.manifest ? side.manifest->text()
                               : side.config ? side.config->text() + " (config)"
                                             : "";
    return fmt::format("{}  {}  {} layers", digest, shown(side.name, 400), side.layers.size());
  };
  text += fmt::format("  A {}\n  B {}\n", line(comparison.a), line(comparison.b));
  text += inputs_text(comparison, colour, all);
  std::size_t number = 0;
  for (const drift::Group& group : drift::groups(comparison.differences)) {
    text += "\n" + group_text(comparison, group, ++number, colour, all);
  }
  for (const drift::Ignored& ignored : comparison.ignored) {
    text += fmt::format("\npassed over: {} by \"{}\": {}\n", ignored.differences, shown(ignored.policy, 120),
                        shown(ignored.reason, 200));
  }
  for (const std::string& note : comparison.notes) text += fmt::format("\nnote: {}\n", shown(note, 400));
  return text;
}

std::vector<std::string> drift_lines(const drift::Comparison& comparison, std::size_t limit) {
  std::vector<std::string> lines;
  const std::vector<drift::Group> all = drift::groups(comparison.differences);
  for (std::size_t i = 0; i < all.size() && i < limit; ++i) {
    const drift::Difference& first = all[i].first();
    const std::vector<std::string> paths = paths_of(all[i]);
    std::string line = fmt::format("{}: {}", class_words(first), shown(paths.front(), 160));
    if (paths.size() > 1) line += fmt::format(" and {} more", paths.size() - 1);
    if (const std::string step = step_words(comparison, first); !step.empty()) line += " (" + step + ")";
    line += first.cause ? ": " + first.cause->name : ": " + evidence_words(first).front();
    lines.push_back(std::move(line));
    if (first.cause && !first.cause->evidence.empty()) {
      lines.push_back("  " + shown(first.cause->evidence.front(), 240));
    }
    if (first.cause && !first.cause->fix.empty()) lines.push_back("  fix: " + shown(first.cause->fix, 400));
  }
  if (all.size() > limit)
    lines.push_back(fmt::format("{} more causes; build-lab diff shows all", all.size() - limit));
  return lines;
}

}  // namespace buildlab::report
