#include "framework/misses/why_missed.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "framework/base/text.h"
#include "framework/dockerfile/inputs.h"
#include "framework/invalidation/graph.h"
#include "framework/misses/definition.h"
#include "framework/misses/files.h"
#include "framework/misses/step_pairs.h"

namespace buildlab::misses {
namespace {

using invalidation::StepGraph;
using invalidation::StepNode;

constexpr std::size_t k_text_bytes = 120;

// The Dockerfile of a build as steps, with where each stage's FROM stands.
struct Known {
  const BuildFacts& facts;
  dockerfile::Dockerfile file;
  StepGraph graph;

  int from_line(const std::string& stage) const {
    for (const dockerfile::Stage& each : file.stages) {
      if (each.label() == stage) return each.from.lines.first;
    }
    return 1;
  }
  // Of the base image that it names; "" where it was not resolved.
  std::string digest_of(const std::string& base) const {
    const auto found = facts.bases.find(base);
    return found == facts.bases.end() ? "" : found->second;
  }
};

std::optional<Known> read(const BuildFacts& facts, std::string_view name) {
  auto file = dockerfile::parse_dockerfile(facts.dockerfile_text, name);
  if (!file) return std::nullopt;
  const std::optional<std::string> platform =
      facts.platform.empty() ? std::nullopt : std::optional<std::string>(facts.platform);
  const auto inputs = dockerfile::target_inputs(*file, facts.target, facts.build_args, platform);
  if (!inputs) return std::nullopt;
  StepGraph graph = invalidation::make_graph(*file, *inputs, {});
  return Known{facts, std::move(*file), std::move(graph)};
}

// The reasons that hold for all of a build.
std::optional<Miss> of_the_build(const Source& source) {
  if (source.forced) return Miss{Reason::forced, "the build was told to use no cache"};
  const auto failed = [](const metrics::CacheImport& each) { return each.error.has_value(); };
  if (!source.imports.empty() && std::all_of(source.imports.begin(), source.imports.end(), failed)) {
    const metrics::CacheImport& first = source.imports.front();
    return Miss{Reason::import_failed, one_line(fmt::format("{}: {}", first.name, *first.error), 300)};
  }
  if (source.imported && source.imports.empty())
    return Miss{Reason::import_failed, "there was no cache to import"};
  if (source.empty) return Miss{Reason::first_build, source.lost};
  return std::nullopt;
}

class Decision {
 public:
  Decision(const Known& before, const Known& now, const Source& source, std::string_view dockerfile)
      : m_before(before),
        m_now(now),
        m_source(source),
        m_dockerfile(dockerfile),
        m_pairs(pair_steps(before.graph, now.graph)),
        m_fates(now.graph.size()) {}

  // Called for the steps that ran, in the graph's order.
  std::optional<Miss> decide(std::size_t step, const std::optional<std::string>& load_error);

 private:
  // What became of a step that ran.
  struct Fate {
    std::string changed = {};  // the nearest step or base behind it that is not what it was; "" for none
    bool ran = false;
    bool explained = true;
  };

  std::optional<Miss> of_definition(std::size_t step) const;
  std::optional<Miss> of_base(std::size_t step, std::string& changed) const;
  std::optional<Miss> of_parents(std::size_t step, std::string& changed) const;
  std::optional<Miss> of_images(const StepNode& node) const;
  std::optional<Miss> of_sources(const StepNode& node) const;
  bool same_sources(const StepNode& node) const;
  std::optional<Miss> of_result(std::size_t step, const std::optional<std::string>& load_error) const;
  bool is_forced(const StepNode& node) const;
  bool stands_on_unexplained(const StepNode& node) const;
  std::string name_of(const StepNode& node) const {
    return fmt::format("{}:{} {}", m_dockerfile, node.line, one_line(node.text, k_text_bytes));
  }
  const StepNode* earlier(std::size_t step) const {
    return m_pairs[step].same ? &m_before.graph[*m_pairs[step].same] : nullptr;
  }

  const Known& m_before;
  const Known& m_now;
  const Source& m_source;
  std::string_view m_dockerfile;
  std::vector<StepPair> m_pairs;
  std::vector<Fate> m_fates;
};

std::optional<Miss> Decision::of_definition(std::size_t step) const {
  const StepNode& node = m_now.graph[step];
  const StepNode* same = earlier(step);
  if (same == nullptr) {
    const auto was = m_pairs[step].was;
    return Miss{Reason::own_definition,
                was ? fmt::format("text: it was {}", one_line(m_before.graph[*was].text, k_text_bytes))
                    : "the Dockerfile had no such instruction"};
  }
  if (auto changed = changed_definition(*same, node))
    return Miss{Reason::own_definition, std::move(*changed)};
  const auto& [old_epoch, new_epoch] =
      std::pair(m_before.facts.source_date_epoch, m_now.facts.source_date_epoch);
  if (node.keyword == "WORKDIR" && old_epoch != new_epoch)
    return Miss{Reason::own_definition, "SOURCE_DATE_EPOCH changed"};
  return std::nullopt;
}

// Of a stage's first step: the image below it.
std::optional<Miss> Decision::of_base(std::size_t step, std::string& changed) const {
  const StepNode& node = m_now.graph[step];
  const StepNode* same = earlier(step);
  if (same == nullptr || node.base.empty()) return std::nullopt;
  const std::string was = m_before.digest_of(same->base);
  const std::string is = m_now.digest_of(node.base);
  const bool other_name = same->base != node.base;
  const bool other_image = !was.empty() && !is.empty() && was != is;
  if (!other_image && (!other_name || (!was.empty() && was == is))) return std::nullopt;
  changed = fmt::format("{}:{} FROM {}", m_dockerfile, m_now.from_line(node.stage),
                        one_line(node.base, k_text_bytes));
  return Miss{Reason::parent_rekeyed,
              other_name
                  ? fmt::format("{}, which was {}", changed, one_line(same->base, k_text_bytes))
                  : fmt::format("{}, which was {} and is {}", changed, was.substr(0, 19), is.substr(0, 19))};
}

std::optional<Miss> Decision::of_parents(std::size_t step, std::string& changed) const {
  const StepNode& node = m_now.graph[step];
  for (const auto* parents : {&node.parents, &node.content_parents}) {
    for (const std::size_t parent : *parents) {
      if (m_fates[parent].changed.empty()) continue;
      changed = m_fates[parent].changed;
      return Miss{Reason::parent_rekeyed, changed};
    }
  }
  // The key of what it copies is that of the files themselves.
  for (const std::size_t parent : node.content_parents) {
    if (!m_fates[parent].ran || !m_fates[parent].explained) continue;
    changed = name_of(node);
    return Miss{Reason::nondeterministic_parent,
                fmt::format("{} ran again as it was, and its files came out otherwise",
                            name_of(m_now.graph[parent]))};
  }
  return std::nullopt;
}

// An image from outside that it copies from or mounts.
std::optional<Miss> Decision::of_images(const StepNode& node) const {
  for (const std::string& reference : node.images) {
    const std::string was = m_before.digest_of(reference);
    const std::string is = m_now.digest_of(reference);
    if (was.empty() || is.empty() || was == is) continue;
    return Miss{Reason::parent_rekeyed,
                fmt::format("image {}, which was {} and is {}", one_line(reference, k_text_bytes),
                            was.substr(0, 19), is.substr(0, 19))};
  }
  return std::nullopt;
}

// What ADD fetches.
std::optional<Miss> Decision::of_sources(const StepNode& node) const {
  for (const std::string& url : node.urls) {
    const auto was = m_before.facts.sources.find(url);
    const auto is = m_now.facts.sources.find(url);
    if (was == m_before.facts.sources.end() || is == m_now.facts.sources.end()) continue;
    if (was->second == is->second) continue;
    return Miss{Reason::input_content, fmt::format("{}, which was {} and is {}", one_line(url, k_text_bytes),
                                                   was->second.substr(0, 19), is->second.substr(0, 19))};
  }
  return std::nullopt;
}

// Whether all that it fetches is known to be what it was.
bool Decision::same_sources(const StepNode& node) const {
  if (node.checksum) return true;
  return std::all_of(node.urls.begin(), node.urls.end(), [this](const std::string& url) {
    const auto was = m_before.facts.sources.find(url);
    const auto is = m_now.facts.sources.find(url);
    return was != m_before.facts.sources.end() && is != m_now.facts.sources.end() &&
           was->second == is->second;
  });
}

// Its stage was told to use no cache.
bool Decision::is_forced(const StepNode& node) const {
  const auto& stages = m_source.forced_stages;
  return std::any_of(stages.begin(), stages.end(),
                     [&node](const std::string& stage) { return to_lower(stage) == to_lower(node.stage); });
}

// A step below it ran, and why is not known: then the same holds for this one.
bool Decision::stands_on_unexplained(const StepNode& node) const {
  const auto unexplained = [this](std::size_t parent) { return !m_fates[parent].explained; };
  return std::any_of(node.parents.begin(), node.parents.end(), unexplained) ||
         std::any_of(node.content_parents.begin(), node.content_parents.end(), unexplained);
}

std::optional<Miss> Decision::of_result(std::size_t step,
                                        const std::optional<std::string>& load_error) const {
  const StepNode& node = m_now.graph[step];
  if (!same_sources(node)) return std::nullopt;
  // A step below it was taken out or put in.
  const StepNode* same = earlier(step);
  const auto below = [](const StepGraph& graph, const StepNode& of) {
    std::vector<std::string> texts;
    for (const std::size_t parent : of.parents) texts.push_back(graph[parent].text);
    return texts;
  };
  if (same != nullptr && below(m_before.graph, *same) != below(m_now.graph, node))
    return Miss{Reason::parent_rekeyed, "it stands on other instructions than before"};
  if (m_before.file.syntax != m_now.file.syntax)
    return Miss{Reason::own_definition,
                fmt::format("frontend: {} -> {}", m_before.file.syntax.value_or("built-in"),
                            m_now.file.syntax.value_or("built-in"))};
  return Miss{Reason::result_gone, load_error ? load_error : m_source.lost};
}

std::optional<Miss> Decision::decide(std::size_t step, const std::optional<std::string>& load_error) {
  const StepNode& node = m_now.graph[step];
  std::string changed = name_of(node);
  std::optional<Miss> miss = of_definition(step);
  if (!miss) miss = changed_files(node.reads, m_before.facts.files, m_now.facts.files);
  if (!miss) miss = of_sources(node);
  if (!miss) miss = of_base(step, changed);
  if (!miss) miss = of_parents(step, changed);
  if (!miss) miss = of_images(node);
  if (!miss) miss = changed_folders(node.reads, m_before.facts.files, m_now.facts.files);
  if (!miss && !stands_on_unexplained(node)) miss = of_result(step, load_error);
  if (!miss || miss->reason == Reason::result_gone) changed.clear();
  if (is_forced(node))
    miss = Miss{Reason::forced, fmt::format("stage {} was told to use no cache", node.stage)};
  m_fates[step] = {std::move(changed), true, miss.has_value()};
  return miss;
}

// The step of the graph that a row is; equal ones of one line (ONBUILD) in their order.
std::optional<std::size_t> node_of(const metrics::Step& step, const StepGraph& graph,
                                   std::vector<char>& used) {
  for (std::size_t i = 0; i < graph.size(); ++i) {
    if (used[i] != 0 || graph[i].line != step.lines.first || graph[i].text != step.text) continue;
    if (graph[i].stage != step.stage) continue;
    used[i] = 1;
    return i;
  }
  return std::nullopt;
}

// What the build itself told of a result that could not be read.
std::optional<std::string> load_error_of(const metrics::Step& step) {
  return step.miss && step.miss->reason == Reason::result_gone ? step.miss->detail : std::nullopt;
}

}  // namespace

std::vector<std::optional<Miss>> why_missed(const std::vector<metrics::Step>& steps, const BuildFacts* before,
                                            const BuildFacts& now, const Source& source,
                                            std::string_view dockerfile) {
  std::vector<std::optional<Miss>> misses(steps.size());
  const auto ran = [&](std::size_t i) { return steps[i].outcome == metrics::StepOutcome::ran; };
  if (const auto whole = of_the_build(source)) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (ran(i)) misses[i] = whole;
    }
    return misses;
  }
  if (before == nullptr) return misses;
  const std::optional<Known> old_file = read(*before, dockerfile);
  const std::optional<Known> new_file = read(now, dockerfile);
  if (!old_file || !new_file) return misses;
  Decision decision(*old_file, *new_file, source, dockerfile);
  std::vector<char> used(new_file->graph.size(), 0);
  std::vector<std::pair<std::size_t, std::size_t>> order;  // node, row
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto node = node_of(steps[i], new_file->graph, used);
    if (node && ran(i)) order.emplace_back(*node, i);
  }
  std::sort(order.begin(), order.end());
  for (const auto& [node, row] : order) misses[row] = decision.decide(node, load_error_of(steps[row]));
  return misses;
}

}  // namespace buildlab::misses
