#include "framework/invalidation/graph.h"

#include <algorithm>
#include <map>
#include <utility>

#include "framework/base/redact.h"
#include "framework/base/text.h"

namespace buildlab::invalidation {
namespace {

constexpr std::size_t k_text_bytes = 200;  // as in records

// Seconds of the cold step that this one is. Each is used once: equal instructions come in order.
class ColdSeconds {
 public:
  explicit ColdSeconds(const std::vector<metrics::Step>& steps) : m_steps(steps), m_used(steps.size(), 0) {}

  std::optional<double> take(const StepNode& node) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
      const metrics::Step& step = m_steps[i];
      if (m_used[i] != 0 || step.stage != node.stage || step.text != node.text) continue;
      if (!found || step.lines.first == node.line) found = i;
    }
    if (!found) return std::nullopt;
    m_used[*found] = 1;
    return m_steps[*found].seconds;
  }

 private:
  const std::vector<metrics::Step>& m_steps;
  std::vector<char> m_used;
};

// The steps whose results make up a stage so far: the last one, and beside it linked copies before and after.
using Tips = std::vector<std::size_t>;

void add_all(Tips& to, const Tips& from) {
  for (const std::size_t tip : from) {
    if (std::find(to.begin(), to.end(), tip) == to.end()) to.push_back(tip);
  }
}

bool among(const std::vector<std::size_t>& steps, const std::vector<char>& marked) {
  return std::any_of(steps.begin(), steps.end(), [&](std::size_t step) { return marked[step] != 0; });
}

}  // namespace

StepGraph make_graph(const dockerfile::Dockerfile& file, const std::vector<dockerfile::StageInputs>& inputs,
                     const std::vector<metrics::Step>& cold) {
  StepGraph graph;
  ColdSeconds seconds(cold);
  std::map<std::size_t, Tips> ends;  // by stage
  for (const dockerfile::StageInputs& stage : inputs) {
    Tips tips = stage.base ? ends[*stage.base] : Tips();
    bool stands_on_base = !tips.empty();  // a step so far
    for (const dockerfile::StepInputs& step : stage.steps) {
      StepNode node;
      node.stage = file.stages[stage.stage].label();
      node.line = step.step->lines.first;
      node.text = one_line(redact_url_credentials(step.step->text), k_text_bytes);
      node.seconds = seconds.take(node);
      node.reads = step.context;
      node.definition = step.definition;
      node.keyword = step.step->keyword;
      node.images = step.images;
      for (const std::string& url : step.urls) node.urls.push_back(redact_url_credentials(url));
      node.checksum = step.checksum;
      if (!step.linked && !std::exchange(stands_on_base, true)) node.base = stage.image;
      for (const std::size_t from : step.stages) add_all(node.content_parents, ends[from]);
      if (!step.linked) {
        node.parents = tips;
        tips.clear();
      }
      tips.push_back(graph.size());
      graph.push_back(std::move(node));
    }
    ends[stage.stage] = std::move(tips);
  }
  return graph;
}

std::vector<std::size_t> readers_of(const StepGraph& graph, std::string_view path) {
  std::vector<std::size_t> readers;
  for (std::size_t i = 0; i < graph.size(); ++i) {
    const auto& reads = graph[i].reads;
    if (std::any_of(reads.begin(), reads.end(), [&](const auto& read) { return read.selects(path); }))
      readers.push_back(i);
  }
  return readers;
}

std::vector<Affected> affected_by(const StepGraph& graph, const std::vector<std::size_t>& readers) {
  std::vector<char> certain(graph.size(), 0);
  std::vector<char> any(graph.size(), 0);
  for (const std::size_t reader : readers) certain[reader] = any[reader] = 1;
  std::vector<Affected> affected;
  for (std::size_t i = 0; i < graph.size(); ++i) {
    const StepNode& node = graph[i];
    if (among(node.parents, certain)) certain[i] = 1;
    if (certain[i] != 0 || among(node.parents, any) || among(node.content_parents, any)) any[i] = 1;
    if (any[i] != 0) affected.push_back({i, certain[i] != 0 ? Reach::certain : Reach::at_most});
  }
  return affected;
}

std::optional<double> own_seconds(const StepGraph& graph, const std::vector<Affected>& affected) {
  std::optional<double> sum;
  for (const Affected& each : affected) {
    if (const auto seconds = graph[each.step].seconds) sum = sum.value_or(0) + *seconds;
  }
  return sum;
}

std::optional<double> chain_seconds(const StepGraph& graph, const std::vector<Affected>& affected) {
  std::vector<double> until(graph.size(), 0);  // of the longest chain that ends with the step
  std::optional<double> longest;
  for (const Affected& each : affected) {
    const StepNode& node = graph[each.step];
    double before = 0;
    for (const std::size_t parent : node.parents) before = std::max(before, until[parent]);
    for (const std::size_t parent : node.content_parents) before = std::max(before, until[parent]);
    until[each.step] = before + node.seconds.value_or(0);
    if (node.seconds) longest = std::max(longest.value_or(0), until[each.step]);
  }
  return longest;
}

}  // namespace buildlab::invalidation
