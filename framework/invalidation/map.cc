#include "framework/invalidation/map.h"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "framework/invalidation/path_class.h"

namespace buildlab::invalidation {
namespace {

using Key = std::pair<std::string, std::vector<std::size_t>>;

void add_file(ClassRow& row, const File& file) {
  if (row.files == 0 || file.size_bytes > row.size_bytes) row.example = file.path;
  ++row.files;
  row.size_bytes = std::max(row.size_bytes, file.size_bytes);
}

// Longest first, then what re-runs most, then by name.
bool costs_more(const ClassRow& a, const ClassRow& b) {
  const double left = cost_of(a).value_or(-1);
  const double right = cost_of(b).value_or(-1);
  if (left != right) return left > right;
  if (a.affected.size() != b.affected.size()) return a.affected.size() > b.affected.size();
  return a.name < b.name;
}

}  // namespace

std::vector<ClassRow> class_rows(const StepGraph& graph, const std::vector<File>& files) {
  std::map<Key, ClassRow> by_key;
  std::map<std::string, std::size_t> rows_of_class;
  std::map<Key, std::uint64_t> sizes;
  for (const File& file : files) {
    const Key key(path_class(file.path), readers_of(graph, file.path));
    ClassRow& row = by_key[key];
    if (row.files == 0) ++rows_of_class[key.first];
    add_file(row, file);
    sizes[key] += file.size_bytes;
  }
  std::vector<ClassRow> rows;
  for (auto& [key, row] : by_key) {
    row.name = key.first;
    row.readers = key.second;
    row.size_bytes = sizes[key];
    if (rows_of_class[key.first] > 1) {
      row.name += row.readers.empty() ? " (read by no step)"
                                      : fmt::format(" (line {})", graph[row.readers.front()].line);
    }
    row.affected = affected_by(graph, row.readers);
    row.own_sec = own_seconds(graph, row.affected);
    row.chain_sec = chain_seconds(graph, row.affected);
    rows.push_back(std::move(row));
  }
  sort_rows(rows);
  return rows;
}

void sort_rows(std::vector<ClassRow>& rows) {
  std::stable_sort(rows.begin(), rows.end(), costs_more);
}

Probe judge_probe(const StepGraph& graph, const ClassRow& row, const std::vector<ProbedStep>& ran) {
  Probe probe;
  std::set<std::size_t> seen;
  for (const ProbedStep& step : ran) {
    probe.own_sec += step.seconds;
    const auto found = std::find_if(graph.begin(), graph.end(), [&](const StepNode& node) {
      return node.stage == step.stage && node.line == step.line && node.text == step.text;
    });
    if (found == graph.end()) {
      ++probe.unknown;
    } else {
      seen.insert(static_cast<std::size_t>(found - graph.begin()));
    }
  }
  probe.ran.assign(seen.begin(), seen.end());
  std::set<std::size_t> foretold;
  probe.as_derived = probe.unknown == 0;
  for (const Affected& each : row.affected) {
    foretold.insert(each.step);
    if (each.reach == Reach::certain && !seen.contains(each.step)) probe.as_derived = false;
  }
  for (const std::size_t step : seen) {
    if (!foretold.contains(step)) probe.as_derived = false;
  }
  return probe;
}

std::optional<double> cost_of(const ClassRow& row) {
  if (row.probe) return row.probe->own_sec;
  return row.own_sec;
}

}  // namespace buildlab::invalidation
