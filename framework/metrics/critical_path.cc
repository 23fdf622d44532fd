// Edges are the inputs that vertexes name, and what the stream leaves unsaid: a source (image, context,
// download) waits for the definition, the metadata and the imports that ended before it began; exports wait
// for all steps.
#include "framework/metrics/critical_path.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace buildlab::metrics {
namespace {

constexpr std::size_t k_none = static_cast<std::size_t>(-1);
constexpr std::size_t k_max_exports = 64;  // a build has a few; each gets an edge from every last step

bool is_prelude(const Vertex& vertex, const VertexFacts& facts) {
  if (facts.kind == VertexKind::cache_import) return true;
  const std::string_view name = vertex.name;
  return name.starts_with("[internal] load build definition") ||
         name.starts_with("[internal] load .dockerignore") || name.starts_with("[internal] load metadata") ||
         name.starts_with("resolve image config");
}

bool is_export(const VertexFacts& facts) {
  return facts.kind == VertexKind::image_export || facts.kind == VertexKind::cache_export;
}

struct Node {
  std::vector<Stretch> busy;
  std::vector<std::size_t> inputs;
  double own = 0;
  double longest = 0;  // of a chain that ends with it
  std::size_t before = k_none;
};

std::vector<Node> nodes_of(const BuildGraph& graph, const std::vector<VertexFacts>& facts,
                           const Window& window) {
  std::unordered_map<std::string_view, std::size_t> by_digest;
  for (std::size_t i = 0; i < graph.vertexes.size(); ++i) by_digest.emplace(graph.vertexes[i].digest, i);
  std::vector<Node> nodes(graph.vertexes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    nodes[i].busy = united(stretches(
        graph.vertexes[i], facts[i],
        {IntervalKind::execution, IntervalKind::failed_load, IntervalKind::hydration, IntervalKind::cached},
        window));
    nodes[i].own = total_seconds(nodes[i].busy);
    for (const std::string& input : graph.vertexes[i].inputs) {
      if (const auto found = by_digest.find(input); found != by_digest.end())
        nodes[i].inputs.push_back(found->second);
    }
  }
  return nodes;
}

// The vertex among `candidates` whose work ended last before `moment`.
std::size_t last_ended_before(const std::vector<Node>& nodes, const std::vector<std::size_t>& candidates,
                              Nanoseconds moment) {
  std::size_t best = k_none;
  for (const std::size_t candidate : candidates) {
    if (nodes[candidate].busy.empty() || nodes[candidate].busy.back().end > moment) continue;
    if (best == k_none || nodes[candidate].busy.back().end > nodes[best].busy.back().end) best = candidate;
  }
  return best;
}

void add_unsaid_edges(const BuildGraph& graph, const std::vector<VertexFacts>& facts,
                      std::vector<Node>& nodes) {
  std::vector<std::size_t> preludes;
  std::vector<std::size_t> exports;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (is_prelude(graph.vertexes[i], facts[i])) preludes.push_back(i);
    if (is_export(facts[i]) && exports.size() < k_max_exports) exports.push_back(i);
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].inputs.empty() || nodes[i].busy.empty() || is_export(facts[i])) continue;
    const std::size_t before = last_ended_before(nodes, preludes, nodes[i].busy.front().begin);
    if (before != k_none && before != i) nodes[i].inputs.push_back(before);
  }
  if (exports.empty()) return;
  // Steps that nothing reads end the solve; an export begins after them.
  std::vector<char> is_read(nodes.size(), 0);
  for (const Node& node : nodes) {
    for (const std::size_t input : node.inputs) is_read[input] = 1;
  }
  for (const std::size_t index : exports) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (is_read[i] == 0 && !is_export(facts[i])) nodes[index].inputs.push_back(i);
    }
  }
}

// Inputs before readers. Vertexes of a cycle, which no real build has, are left out.
std::vector<std::size_t> in_order(const std::vector<Node>& nodes) {
  std::vector<std::size_t> open(nodes.size());
  std::vector<std::vector<std::size_t>> readers(nodes.size());
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    open[i] = nodes[i].inputs.size();
    for (const std::size_t input : nodes[i].inputs) readers[input].push_back(i);
    if (open[i] == 0) order.push_back(i);
  }
  for (std::size_t at = 0; at < order.size(); ++at) {
    for (const std::size_t reader : readers[order[at]]) {
      if (--open[reader] == 0) order.push_back(reader);
    }
  }
  return order;
}

}  // namespace

CriticalPath critical_path(const BuildGraph& graph, const std::vector<VertexFacts>& facts,
                           const std::vector<std::string>& names, const Window& window) {
  std::vector<Node> nodes = nodes_of(graph, facts, window);
  add_unsaid_edges(graph, facts, nodes);
  std::size_t end = k_none;
  for (const std::size_t index : in_order(nodes)) {
    Node& node = nodes[index];
    for (const std::size_t input : node.inputs) {
      if (node.before == k_none || nodes[input].longest > nodes[node.before].longest) node.before = input;
    }
    node.longest = node.own + (node.before == k_none ? 0 : nodes[node.before].longest);
    if (end == k_none || node.longest > nodes[end].longest) end = index;
  }

  std::vector<std::size_t> chain;
  for (std::size_t at = end; at != k_none; at = nodes[at].before) chain.push_back(at);
  std::reverse(chain.begin(), chain.end());
  CriticalPath path;
  std::vector<Stretch> covered;
  for (const std::size_t index : chain) {
    // Layers may be pulled while the export that needs them is open: no instant counts twice.
    const double seconds = total_seconds(without(nodes[index].busy, covered));
    covered.insert(covered.end(), nodes[index].busy.begin(), nodes[index].busy.end());
    covered = united(std::move(covered));
    if (seconds > 0) path.steps.push_back({names[index], seconds});
    path.seconds += seconds;
  }
  return path;
}

}  // namespace buildlab::metrics
