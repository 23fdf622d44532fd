#include "framework/replay/explain.h"

#include <algorithm>
#include <utility>

namespace buildlab::replay {
namespace {

struct Match {
  std::size_t node = 0;
  std::size_t ran = 0;
};

// The rows' steps in the graph, in its order.
std::vector<Match> matches(const std::vector<RanStep>& ran, const invalidation::StepGraph& graph) {
  std::vector<Match> result;
  std::vector<char> used(graph.size(), 0);
  for (std::size_t i = 0; i < ran.size(); ++i) {
    for (std::size_t node = 0; node < graph.size(); ++node) {
      const invalidation::StepNode& step = graph[node];
      if (used[node] != 0 || step.stage != ran[i].stage || step.line != ran[i].line ||
          step.text != ran[i].text)
        continue;
      used[node] = 1;
      result.push_back({node, i});
      break;
    }
  }
  std::sort(result.begin(), result.end(), [](const Match& a, const Match& b) { return a.node < b.node; });
  return result;
}

}  // namespace

void explain(Row& row, const invalidation::StepGraph& before, const invalidation::StepGraph& after,
             const invalidation::Changes& changes) {
  if (row.primes) {
    for (RanStep& step : row.ran) step.reason = "first-build";
    return;
  }
  const std::vector<Match> found = matches(row.ran, after);
  std::vector<std::size_t> nodes;
  for (const Match& match : found) nodes.push_back(match.node);
  const auto causes = invalidation::causes_of(before, after, changes, nodes);
  std::vector<const invalidation::Cause*> cause_of(row.ran.size(), nullptr);
  for (std::size_t i = 0; i < found.size(); ++i) cause_of[found[i].ran] = &causes[i];
  for (std::size_t i = 0; i < row.ran.size(); ++i) {
    RanStep& step = row.ran[i];
    const invalidation::Cause* cause = cause_of[i];
    if (cause == nullptr || cause->classes.empty()) {
      row.blame[std::string(k_unexplained)] += step.seconds;
      continue;
    }
    step.reason = cause->reason;
    step.detail = cause->detail;
    for (const std::string& name : cause->classes)
      row.blame[name] += step.seconds / static_cast<double>(cause->classes.size());
  }
}

}  // namespace buildlab::replay
