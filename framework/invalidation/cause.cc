#include "framework/invalidation/cause.h"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>

#include "framework/base/text.h"
#include "framework/invalidation/path_class.h"

namespace buildlab::invalidation {
namespace {

constexpr std::size_t k_named_paths = 3;

std::string short_name(const StepNode& node) {
  return fmt::format("line {} {}", node.line, one_line(node.text, 60));
}

// The same step of the build before: by stage and text, equal ones in their order.
class Earlier {
 public:
  explicit Earlier(const StepGraph& graph) {
    for (const StepNode& node : graph) m_by_text[{node.stage, node.text}].push_back(&node);
  }
  // Every call is for the next one of that text.
  const StepNode* take(const StepNode& node) {
    const auto found = m_by_text.find({node.stage, node.text});
    if (found == m_by_text.end()) return nullptr;
    const std::size_t at = m_taken[{node.stage, node.text}]++;
    return at < found->second.size() ? found->second[at] : nullptr;
  }

 private:
  using Key = std::pair<std::string, std::string>;
  std::map<Key, std::vector<const StepNode*>> m_by_text;
  std::map<Key, std::size_t> m_taken;
};

class Explanation {
 public:
  Explanation(const StepGraph& graph, const Changes& changes) : m_graph(graph), m_changes(changes) {}

  Cause explain(std::size_t step, const StepNode* earlier);

 private:
  void of_definition(const StepNode& node, const StepNode* earlier, Cause& cause);
  void of_input(const StepNode& node, Cause& cause);
  void of_parents(const StepNode& node, Cause& cause);
  void of_ignore_file(const StepNode& node, Cause& cause);
  void say(Cause& cause, std::string_view reason, std::string detail) const;

  const StepGraph& m_graph;
  const Changes& m_changes;
  std::map<std::size_t, std::set<std::string>> m_classes;  // of each step that ran so far
  std::set<std::string> m_current;
};

// The first reason is the nearest one.
void Explanation::say(Cause& cause, std::string_view reason, std::string detail) const {
  if (cause.reason) return;
  cause.reason = reason;
  cause.detail = std::move(detail);
}

void Explanation::of_definition(const StepNode& node, const StepNode* earlier, Cause& cause) {
  if (earlier != nullptr && earlier->definition == node.definition && earlier->base == node.base) return;
  m_current.insert(m_changes.dockerfile);
  if (earlier == nullptr) {
    say(cause, "own-definition", "there was no such instruction before");
  } else if (earlier->definition != node.definition) {
    say(cause, "own-definition", "its variables, shell, user, folder or inline text changed");
  } else {
    say(cause, "parent-rekeyed",
        fmt::format("FROM {} was FROM {}", one_line(node.base, 80), one_line(earlier->base, 80)));
  }
}

void Explanation::of_input(const StepNode& node, Cause& cause) {
  std::vector<std::string> named;
  std::size_t count = 0;
  bool content = false;
  for (const Change& change : m_changes.paths) {
    const bool selected = std::any_of(node.reads.begin(), node.reads.end(),
                                      [&](const auto& read) { return read.selects(change.path); });
    if (!selected) continue;
    content = content || change.content;
    m_current.insert(change.path == m_changes.dockerfile ? change.path : path_class(change.path));
    if (count++ < k_named_paths) named.push_back(change.path);
  }
  if (count == 0) return;
  std::string detail;
  for (const std::string& path : named) detail += (detail.empty() ? "" : ", ") + path;
  if (count > named.size()) detail += fmt::format(" and {} more", count - named.size());
  say(cause, content ? "input-content" : "input-metadata", content ? detail : "mode of " + detail);
}

void Explanation::of_parents(const StepNode& node, Cause& cause) {
  const auto take = [&](const std::vector<std::size_t>& parents, std::string_view reason,
                        std::string_view words) {
    for (const std::size_t parent : parents) {
      const auto ran = m_classes.find(parent);
      if (ran == m_classes.end()) continue;
      m_current.insert(ran->second.begin(), ran->second.end());
      say(cause, reason, fmt::format("{} {}", words, short_name(m_graph[parent])));
    }
  };
  take(node.parents, "parent-rekeyed", "it stands on");
  take(node.content_parents, "input-content", "it copies from");
}

// Other files are in the context than before, though none of them changed.
void Explanation::of_ignore_file(const StepNode& node, Cause& cause) {
  if (cause.reason || !m_changes.ignore_file || node.reads.empty()) return;
  m_current.insert(*m_changes.ignore_file);
  say(cause, "input-content", fmt::format("{} changed", *m_changes.ignore_file));
}

Cause Explanation::explain(std::size_t step, const StepNode* earlier) {
  const StepNode& node = m_graph[step];
  Cause cause;
  m_current.clear();
  of_definition(node, earlier, cause);
  of_input(node, cause);
  of_parents(node, cause);
  of_ignore_file(node, cause);
  cause.classes.assign(m_current.begin(), m_current.end());
  m_classes[step] = m_current;
  return cause;
}

}  // namespace

std::vector<Cause> causes_of(const StepGraph& before, const StepGraph& after, const Changes& changes,
                             const std::vector<std::size_t>& ran) {
  Earlier earlier(before);
  Explanation explanation(after, changes);
  std::vector<Cause> causes;
  std::size_t next = 0;
  for (std::size_t step = 0; step < after.size(); ++step) {
    const StepNode* same = earlier.take(after[step]);
    if (next < ran.size() && ran[next] == step) {
      causes.push_back(explanation.explain(step, same));
      ++next;
    }
  }
  return causes;
}

}  // namespace buildlab::invalidation
