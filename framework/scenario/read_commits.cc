// Which commits kind replay builds, and what makes no sense of builds whose inputs all differ.
#include <fmt/format.h>
#include <array>

#include "framework/base/text.h"
#include "framework/scenario/readers.h"

namespace buildlab::scenario {
namespace {

constexpr const char* k_default_commits = "30";
constexpr double k_most_commits = 10'000;

// Names of commits are git's to check, when the scenario runs.
bool is_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  return dots != std::string_view::npos && dots > 0 && text.front() != '-' &&
         !text.substr(dots + 2).starts_with('.') && text.find_first_of(" \t\n") == std::string_view::npos;
}

void refuse_others(Fields& fields) {
  // Of builds of one state, repeated.
  constexpr std::array k_of_one_state = {"runs",     "input_mutation", "no_cache", "backends",
                                         "max_runs", "vary",           "faults"};
  for (const char* key : k_of_one_state) {
    if (fields.has(key))
      fields.problem(key, "makes no sense with kind \"replay\", which builds each commit once, as it is");
  }
  constexpr std::array k_gates = {"digest_stable",      "variations_stable", "ignore_differences",
                                  "stable_hit_ratio",   "max_spread",        "min_time_weighted_hit_ratio",
                                  "max_duration_ratio", "expect_cached",     "expect_ran"};
  const Json* gates = fields.find("gates");
  if (gates == nullptr || !gates->is_object()) return;
  for (const char* key : k_gates) {
    if (!gates->contains(key)) continue;
    fields.problem("gates",
                   fmt::format("\"{}\" makes no sense with kind \"replay\", whose builds are of different "
                               "commits; min_hit_ratio, max_duration_sec and max_image_size do",
                               key));
  }
}

}  // namespace

void read_commits(Fields& fields, Scenario& scenario) {
  const Json* value = fields.find("commits");
  if (scenario.kind != Kind::replay) {
    if (value != nullptr && fields.has("kind"))
      fields.problem("commits", "is used with kind \"replay\" only");
    return;
  }
  refuse_others(fields);
  scenario.commits = k_default_commits;
  if (value == nullptr) return;
  if (value->is_string()) {
    const std::string& text = value->get_ref<const std::string&>();
    scenario.commits = text;
    if (!is_range(text))
      fields.problem("commits", fmt::format("must be a number, the last N commits, or a range like "
                                            "\"v1.2..main\", found \"{}\"",
                                            one_line(text, 60)));
  } else if (const auto count = fields.integer("commits", {1, k_most_commits})) {
    scenario.commits = fmt::format("{}", *count);
  }
}

}  // namespace buildlab::scenario
