#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

#include "framework/base/text.h"
#include "framework/scenario/parse.h"

namespace buildlab::scenario {
namespace {

std::string_view last_part(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}

template <typename Matches>
bool mark(const ScenarioFile& file, std::vector<char>& chosen, const Matches& matches) {
  bool any = false;
  for (std::size_t i = 0; i < file.scenarios.size(); ++i) {
    if (!matches(file.scenarios[i])) continue;
    chosen[i] = 1;
    any = true;
  }
  return any;
}

bool choose(const ScenarioFile& file, const std::string& pattern, std::vector<char>& chosen) {
  return mark(file, chosen, [&](const Scenario& s) { return s.name == pattern; }) ||
         mark(file, chosen, [&](const Scenario& s) { return to_string(s.kind) == pattern; }) ||
         mark(file, chosen, [&](const Scenario& s) { return last_part(s.name) == pattern; }) ||
         mark(file, chosen, [&](const Scenario& s) { return matches_glob(pattern, s.name); });
}

}  // namespace

Result<std::vector<const Scenario*>> select_scenarios(const ScenarioFile& file,
                                                      const std::vector<std::string>& patterns) {
  std::vector<char> chosen(file.scenarios.size(), 0);
  for (const std::string& pattern : patterns) {
    if (choose(file, pattern, chosen)) continue;
    std::vector<std::string> known;
    for (const Scenario& scenario : file.scenarios) known.push_back(scenario.name);
    const auto meant = nearest(pattern, known);
    std::vector<std::string> details;
    if (meant) details.push_back(fmt::format("did you mean \"{}\"?", *meant));
    details.push_back(fmt::format("known: {}", fmt::join(known, ", ")));
    return fail(ErrorKind::usage,
                fmt::format("no scenario of {} matches \"{}\"", file.path.string(), one_line(pattern, 80)),
                std::move(details));
  }
  std::vector<const Scenario*> result;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i] != 0) result.push_back(&file.scenarios[i]);
  }
  return result;
}

}  // namespace buildlab::scenario
