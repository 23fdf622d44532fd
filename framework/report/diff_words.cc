#include "framework/report/diff_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>

#include "framework/base/text.h"
#include "framework/base/time.h"
#include "framework/report/characters.h"

namespace buildlab::report {
namespace {

using causes::Attribute;

bool is_time(Attribute attribute) {
  return attribute == Attribute::mtime || attribute == Attribute::atime || attribute == Attribute::ctime;
}

std::string time_words(const std::string& seconds) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
  // What nanoseconds in 64 bits hold: the years 1678 to 2262.
  if (error != std::errc() || value < -9'000'000'000 || value > 9'000'000'000) return seconds;
  const std::string fraction(end, seconds.data() + seconds.size());
  const std::string text = to_rfc3339(WallTime(std::chrono::seconds(value)));
  return text.substr(0, 19) + fraction + "Z";
}

std::string count_words(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace

std::string shown(std::string_view text, std::size_t limit) {
  return one_line(printable(text), limit);
}

std::string verdict_sentence(const drift::Comparison& comparison) {
  std::size_t passed_over = 0;
  for (const drift::Ignored& ignored : comparison.ignored) passed_over += ignored.differences;
  const std::string but = passed_over == 0
                              ? ""
                              : fmt::format("; {} passed over by policy",
                                            count_words(passed_over, "difference was", "differences were"));
  if (comparison.verdict == drift::Verdict::identical) {
    return (passed_over == 0 ? "identical" : "equal") + but;
  }
  const drift::Share share = drift::explained_share(comparison.differences);
  const std::size_t causes = drift::groups(comparison.differences).size();
  return fmt::format("{}: {} in {} of {}, {} of them explained, {} proven{}",
                     comparison.verdict == drift::Verdict::different
                         ? "different"
                         : "the same files and configuration in other bytes",
                     count_words(comparison.differences.size(), "difference", "differences"),
                     count_words(share.places, "place", "places"), count_words(causes, "cause", "causes"),
                     share.with_cause, share.proven, but);
}

std::string class_words(const drift::Difference& difference) {
  if (!difference.cause) return "unknown cause";
  const causes::Cause& cause = *difference.cause;
  return fmt::format("{}{}{}, {}", causes::to_string(cause.kind), cause.row.empty() ? "" : " ", cause.row,
                     cause.proven ? "proven" : "supposed");
}

std::string place_words(const drift::Difference& difference) {
  if (!difference.path.empty()) return difference.path;
  switch (difference.attribute) {
    case Attribute::config:
      return "configuration";
    case Attribute::history:
      return "history";
    case Attribute::annotation:
    case Attribute::mediatype:
      return difference.layer == 0 ? "manifest" : fmt::format("layer {}", difference.layer);
    case Attribute::format:
    case Attribute::order:
    case Attribute::compression:
      return difference.layer == 0 ? difference.key : fmt::format("layer {}", difference.layer);
    default:
      return difference.layer == 0 ? "image" : "/";
  }
}

std::string step_words(const drift::Comparison& comparison, const drift::Difference& difference) {
  std::string text;
  if (difference.layer > 0) {
    const bool of_b = difference.attribute == Attribute::added;
    text = fmt::format("layer {} of {}", of_b ? difference.layer_b : difference.layer,
                       of_b ? comparison.b.layers.size() : comparison.a.layers.size());
  }
  if (!difference.step) return text;
  if (!text.empty()) text += ", ";
  text += fmt::format("{}:{}", shown(difference.step->file, 120), difference.step->lines.first);
  if (!difference.step->text.empty()) text += " " + shown(difference.step->text, 60);
  return text;
}

std::string change_words(const drift::Difference& difference) {
  const std::string name = drift::attribute_name(difference);
  if (difference.attribute == Attribute::missing)
    return fmt::format("only in A: {}", shown(difference.a, 200));
  if (difference.attribute == Attribute::added) return fmt::format("only in B: {}", shown(difference.b, 200));
  if (is_time(difference.attribute)) {
    return fmt::format("{} {} → {}", name, time_words(difference.a), time_words(difference.b));
  }
  std::string key;
  if (!difference.key.empty() && name.find(difference.key) == std::string::npos)
    key = " " + shown(difference.key, 100);
  return fmt::format("{}{} {} → {}", name, key, shown(difference.a, 100), shown(difference.b, 100));
}

std::vector<std::string> evidence_words(const drift::Difference& difference) {
  if (difference.cause && !difference.cause->evidence.empty()) return difference.cause->evidence;
  if (!difference.shown.empty()) return difference.shown;
  return {change_words(difference)};
}

std::string attributes_words(const drift::Group& group) {
  std::vector<std::string> names;
  for (const drift::Difference* member : group.members) {
    const std::string name = drift::attribute_name(*member);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace buildlab::report
