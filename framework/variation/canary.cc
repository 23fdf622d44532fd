#include "framework/variation/canary.h"

#include <algorithm>
#include <functional>
#include <string>

namespace buildlab::variation {

std::vector<std::string_view> canaries(Kind kind) {
  switch (kind) {
    case Kind::environment:
      return {k_canary_variable, k_canary_value};
    case Kind::hostname:
      return {k_canary_hostname};
    case Kind::user:
      return {k_canary_user};
    case Kind::time_zone:
      return {k_canary_zone};
    case Kind::builder_options:
      return {k_canary_hosts};
    default:
      return {};
  }
}

CanarySearch::CanarySearch(const std::vector<Kind>& kinds) {
  for (const Kind kind : kinds) {
    for (const std::string_view text : canaries(kind)) m_wanted.push_back({kind, text});
  }
}

void CanarySearch::feed(std::string_view piece) {
  std::size_t longest = 1;
  const auto look = [&](std::string_view bytes) {
    for (Wanted& wanted : m_wanted) {
      longest = std::max(longest, wanted.text.size());
      if (wanted.found) continue;
      const std::boyer_moore_horspool_searcher searcher(wanted.text.begin(), wanted.text.end());
      wanted.found = std::search(bytes.begin(), bytes.end(), searcher) != bytes.end();
    }
  };
  look(piece);
  // What lies across the border: the tail of before with as much of this piece as a text can reach into.
  const std::string border = m_tail + std::string(piece.substr(0, longest - 1));
  if (!m_tail.empty()) look(border);
  const std::string_view rest = piece.size() >= longest - 1 ? piece : std::string_view(border);
  m_tail = rest.substr(rest.size() - std::min(rest.size(), longest - 1));
}

std::vector<Kind> CanarySearch::found() const {
  std::vector<Kind> kinds;
  for (const Wanted& wanted : m_wanted) {
    if (wanted.found && std::find(kinds.begin(), kinds.end(), wanted.kind) == kinds.end())
      kinds.push_back(wanted.kind);
  }
  return kinds;
}

}  // namespace buildlab::variation
