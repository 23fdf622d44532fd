#include "framework/causes/findings.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace buildlab::causes::formats {
namespace {

constexpr std::size_t k_most_evidence = 8;
constexpr std::size_t k_shown_of_others = 3;

void add_evidence(std::vector<std::string>& list, std::string line) {
  // One more is kept than shown: it tells that there were more.
  if (list.size() <= k_most_evidence) list.push_back(std::move(line));
}

void cut_evidence(std::vector<std::string>& list) {
  if (list.size() <= k_most_evidence) return;
  list.resize(k_most_evidence);
  list.back() = "and more of the kind";
}

}  // namespace

void Findings::add(const Row& row, std::string evidence) {
  Cause cause;
  cause.kind = row.kind;
  cause.row = row.id;
  cause.recogniser = row.id;
  cause.name = row.name;
  cause.fix = row.fix;
  cause.evidence.push_back(std::move(evidence));
  add(std::move(cause));
}

void Findings::add(Cause cause) {
  const auto known = std::find_if(m_causes.begin(), m_causes.end(), [&cause](const Cause& other) {
    return other.kind == cause.kind && other.row == cause.row && other.name == cause.name;
  });
  if (known == m_causes.end()) {
    m_causes.push_back(std::move(cause));
    return;
  }
  for (std::string& line : cause.evidence) add_evidence(known->evidence, std::move(line));
}

void Findings::add_member(Cause cause, std::string_view member) {
  if (!cause.proven) m_supposed = true;
  for (std::string& line : cause.evidence) line = fmt::format("{}: {}", member, line);
  add(std::move(cause));
}

void Findings::unexplained(std::string what) {
  add_evidence(m_unexplained, std::move(what));
}

std::optional<Cause> Findings::result(bool equal) const {
  if (m_causes.empty()) return std::nullopt;
  const auto found = std::find_if(m_causes.begin(), m_causes.end(),
                                  [](const Cause& cause) { return cause.kind != CauseClass::derived; });
  const auto main = found == m_causes.end() ? m_causes.begin() : found;
  Cause cause = *main;
  cut_evidence(cause.evidence);
  for (auto other = m_causes.begin(); other != m_causes.end(); ++other) {
    if (other == main) continue;
    std::string line = fmt::format("also {} ({}): {}", to_string(other->kind), other->row, other->name);
    for (std::size_t i = 0; i < other->evidence.size() && i < k_shown_of_others; ++i) {
      line += "; " + other->evidence[i];
    }
    cause.evidence.push_back(std::move(line));
  }
  for (const std::string& what : m_unexplained) cause.evidence.push_back("not explained: " + what);
  cause.proven = equal && !m_supposed && m_unexplained.empty();
  return cause;
}

}  // namespace buildlab::causes::formats
