#include "framework/report/disturbances.h"

#include <fmt/format.h>
#include <cmath>

#include "framework/base/time.h"
#include "framework/report/markdown_text.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

std::string clock_words(double step_sec) {
  return fmt::format(
      "the machine's clock was put {} by {} meanwhile; its duration is right, the times of its parts and "
      "steps "
      "are not",
      step_sec > 0 ? "forward" : "back", to_short_text(std::abs(step_sec)));
}

template <typename Tell>
void each_disturbance(const record::ScenarioRecord& record, const Tell& tell) {
  for (const std::vector<record::Build>* builds : {&record.priming, &record.builds}) {
    for (const record::Build& build : *builds) {
      const std::string label = (builds == &record.priming ? "priming " : "") + build_label(build);
      if (build.noisy_network) tell(label, "noisy network", *build.noisy_network);
      if (build.clock_step_sec) tell(label, "clock", clock_words(*build.clock_step_sec));
    }
  }
}

}  // namespace

std::vector<std::string> disturbance_lines(const record::ScenarioRecord& record) {
  std::vector<std::string> lines;
  each_disturbance(record, [&](const std::string& build, const char* what, const std::string& text) {
    lines.push_back(fmt::format("{} {}: {}", build, what, text));
  });
  return lines;
}

std::string disturbances_section(const std::vector<record::ScenarioRecord>& records) {
  std::string rows;
  for (const record::ScenarioRecord& record : records) {
    each_disturbance(record, [&](const std::string& build, const char* what, const std::string& text) {
      rows += markdown_row({markdown_text(record.name), build, what, markdown_text(text)});
    });
  }
  if (rows.empty()) return "";
  return "### Builds whose times say little\n\n" + markdown_header({"scenario", "build", "what", "why"}) +
         rows;
}

}  // namespace buildlab::report
