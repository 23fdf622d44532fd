#include "framework/report/miss_lines.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/text.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

using metrics::MissReason;

constexpr std::size_t k_most_lines = 5;

// Whether a miss is a cause of its own, and news.
bool is_told(const record::Build& build, MissReason reason) {
  switch (reason) {
    case MissReason::parent_rekeyed:
    case MissReason::first_build:
      return false;
    case MissReason::own_definition:
    case MissReason::input_content:
      return build.mutation.empty();
    case MissReason::input_metadata:
    case MissReason::result_gone:
    case MissReason::import_failed:
    case MissReason::forced:
    case MissReason::nondeterministic_parent:
      return true;
  }
  return true;
}

}  // namespace

std::vector<std::string> miss_lines(const record::ScenarioRecord& record) {
  std::vector<std::string> lines;
  std::size_t more = 0;
  for (const record::Build& build : record.builds) {
    for (const metrics::Step& step : build.numbers.steps) {
      if (!step.miss || !is_told(build, step.miss->reason)) continue;
      std::string line =
          fmt::format("{} ran: {}", step_name(record, step), one_line(metrics::to_text(*step.miss), 500));
      if (std::find(lines.begin(), lines.end(), line) != lines.end()) continue;
      if (lines.size() < k_most_lines) {
        lines.push_back(std::move(line));
      } else {
        ++more;
      }
    }
  }
  if (more > 0) lines.push_back(fmt::format("and {} more; build-lab report --format json has all", more));
  return lines;
}

}  // namespace buildlab::report
