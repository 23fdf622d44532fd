#include "framework/drift/explain.h"

#include <fmt/format.h>
#include <algorithm>
#include <map>

namespace buildlab::drift {
namespace {

// What folding reads are lists and databases of packages: text of at most some hundred kilobytes.
constexpr std::size_t k_kept_file = 2U << 20U;
constexpr std::size_t k_kept_bytes = 32U << 20U;

bool about_content(Attribute attribute) {
  return attribute == Attribute::content || attribute == Attribute::size;
}

}  // namespace

void Explainer::take(std::vector<Difference> differences, const Contents* contents) {
  if (differences.empty()) return;
  std::optional<causes::Cause> of_content;
  for (Difference& difference : differences) {
    if (about_content(difference.attribute)) {
      if (contents != nullptr && !of_content) {
        of_content = causes::of_content({difference.path, contents->a, contents->b, contents->complete},
                                        m_surroundings);
      }
      difference.cause = of_content;
      if (contents != nullptr && !of_content && difference.attribute == Attribute::content) {
        difference.shown = {contents->beyond ? first_bytes_text(*contents->beyond)
                                             : first_bytes_text(contents->a, contents->b)};
      }
    } else {
      difference.cause = causes::of_attribute({difference.attribute, difference.path, difference.kind,
                                               difference.key, difference.a, difference.b},
                                              m_surroundings);
    }
  }
  const std::lock_guard lock(m_mutex);
  const std::size_t first = m_differences.size();
  std::move(differences.begin(), differences.end(), std::back_inserter(m_differences));
  m_groups.emplace_back(first, m_differences.size());
  m_contents.emplace_back();
  if (contents == nullptr || !contents->complete) return;
  const std::size_t bytes = contents->a.size() + contents->b.size();
  if (bytes > 2 * k_kept_file || m_kept_bytes + bytes > k_kept_bytes) return;
  m_kept_bytes += bytes;
  m_contents.back() = {contents->a, contents->b};
}

void Explainer::take_presence(Difference difference, std::string_view content) {
  const bool only_in_a = difference.attribute == Attribute::missing;
  difference.cause =
      causes::of_presence({difference.path, difference.kind, only_in_a, content}, m_surroundings);
  const std::lock_guard lock(m_mutex);
  m_groups.emplace_back(m_differences.size(), m_differences.size() + 1);
  m_differences.push_back(std::move(difference));
  m_contents.emplace_back();
}

std::map<std::string, Difference> Explainer::forget(
    std::size_t layer_a, std::size_t layer_b, const std::function<bool(const std::string& path)>& is_meant) {
  const std::lock_guard lock(m_mutex);
  std::map<std::string, Difference> forgotten;
  std::vector<Difference> kept;
  std::vector<std::pair<std::size_t, std::size_t>> groups;
  std::vector<std::pair<std::string, std::string>> contents;
  for (std::size_t i = 0; i < m_groups.size(); ++i) {
    const std::size_t first = kept.size();
    for (std::size_t at = m_groups[i].first; at < m_groups[i].second; ++at) {
      Difference& found = m_differences[at];
      const bool goes = found.layer == layer_a && found.layer_b == layer_b && !found.representation &&
                        !found.path.empty() && is_meant(found.path);
      if (goes) {
        std::string path = found.path;
        forgotten.emplace(std::move(path), std::move(found));
      } else {
        kept.push_back(std::move(found));
      }
    }
    if (kept.size() == first) continue;
    groups.emplace_back(first, kept.size());
    contents.push_back(std::move(m_contents[i]));
  }
  m_differences = std::move(kept);
  m_groups = std::move(groups);
  m_contents = std::move(contents);
  return forgotten;
}

void Explainer::note(std::string text) {
  const std::lock_guard lock(m_mutex);
  m_notes.insert(std::move(text));
}

std::vector<std::string> Explainer::notes() const {
  const std::lock_guard lock(m_mutex);
  return {m_notes.begin(), m_notes.end()};
}

std::vector<causes::Known> Explainer::known() const {
  std::vector<causes::Known> all;
  for (std::size_t i = 0; i < m_groups.size(); ++i) {
    const auto [first, end] = m_groups[i];
    causes::Known known;
    known.path = m_differences[first].path;
    for (std::size_t at = first; at < end; ++at) {
      known.attributes.insert(m_differences[at].attribute);
      // A cause of the content says more than one of the times beside it.
      if (!known.cause || about_content(m_differences[at].attribute)) known.cause = m_differences[at].cause;
    }
    known.a = m_contents[i].first;
    known.b = m_contents[i].second;
    all.push_back(std::move(known));
  }
  return all;
}

std::vector<std::string> Explainer::wanted() const {
  return causes::wanted(known());
}

std::vector<Difference> Explainer::finish(const causes::Files& files) {
  for (causes::Consequence& consequence : causes::consequences(known(), files, m_surroundings)) {
    const auto [first, end] = m_groups.at(consequence.follower);
    for (std::size_t at = first; at < end; ++at) {
      Difference& difference = m_differences[at];
      const bool main = about_content(difference.attribute) || difference.attribute == Attribute::missing ||
                        difference.attribute == Attribute::added || !difference.cause || end - first == 1;
      if (main) difference.cause = consequence.cause;
    }
  }
  fold_copies();
  return std::move(m_differences);
}

// A file with just the bytes of one that differs in a layer below, in A and in B, is a copy of it.
void Explainer::fold_copies() {
  std::map<std::pair<std::string, std::string>, std::size_t> first;
  for (std::size_t at = 0; at < m_differences.size(); ++at) {
    const Difference& found = m_differences[at];
    if (found.attribute != Attribute::content || !found.a.starts_with("sha256:")) continue;
    const auto [known, is_new] = first.emplace(std::pair(found.a, found.b), at);
    if (!is_new && found.layer < m_differences[known->second].layer) known->second = at;
  }
  for (const auto& [begin, end] : m_groups) {
    const auto content = std::find_if(m_differences.begin() + static_cast<std::ptrdiff_t>(begin),
                                      m_differences.begin() + static_cast<std::ptrdiff_t>(end),
                                      [](const Difference& d) { return d.attribute == Attribute::content; });
    if (content == m_differences.begin() + static_cast<std::ptrdiff_t>(end)) continue;
    const auto original = first.find({content->a, content->b});
    if (original == first.end()) continue;
    const Difference& root = m_differences[original->second];
    if (root.layer >= content->layer || (content->cause && !content->cause->root.empty())) continue;
    causes::Cause cause;
    cause.kind = causes::CauseClass::derived;
    cause.recogniser = "G10";
    cause.row = "G10";
    cause.name = "it has the same bytes as a file that differs in a layer below";
    cause.proven = true;
    cause.evidence = {fmt::format("{} in A and {} in B, as {} of layer {}", content->a.substr(0, 19),
                                  content->b.substr(0, 19), root.path, root.layer)};
    cause.fix = fmt::format("mend {}", root.path);
    cause.root = root.path;
    for (std::size_t at = begin; at < end; ++at) {
      if (about_content(m_differences[at].attribute)) m_differences[at].cause = cause;
    }
  }
}

}  // namespace buildlab::drift
