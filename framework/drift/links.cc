#include "framework/drift/links.h"

#include <fmt/format.h>

#include "framework/base/text.h"

namespace buildlab::drift {

Status Links::resolve(const std::string& layer) {
  for (const auto& [path, target] : m_targets) {
    std::vector<std::string> chain{path};
    std::string at = target;
    while (true) {
      if (const auto known = m_roots.find(at); known != m_roots.end()) {
        at = known->second;
        break;
      }
      const auto next = m_targets.find(at);
      if (next == m_targets.end()) break;
      chain.push_back(at);
      at = next->second;
      if (chain.size() > m_targets.size()) {
        return fail(ErrorKind::infrastructure, fmt::format("{}: the hard link \"{}\" leads round in a circle",
                                                           layer, one_line(path, 120)));
      }
    }
    for (const std::string& name : chain) m_roots.emplace(name, at);
  }
  for (const auto& [path, its_root] : m_roots) {
    m_groups[its_root].insert(its_root);
    m_groups[its_root].insert(path);
  }
  return {};
}

const std::string& Links::root(const std::string& path) const {
  const auto found = m_roots.find(path);
  return found == m_roots.end() ? path : found->second;
}

const std::set<std::string>& Links::group(const std::string& path) const {
  std::set<std::string>& names = m_groups[root(path)];
  if (names.empty()) names.insert(path);
  return names;
}

std::optional<Difference> difference_of_links(const std::string& path, const Links& a, const Links& b) {
  const auto in_a = a.all().find(path);
  const auto in_b = b.all().find(path);
  const bool link_in_a = in_a != a.all().end();
  const bool link_in_b = in_b != b.all().end();
  if (link_in_a && link_in_b && in_a->second == in_b->second) return std::nullopt;
  const std::set<std::string>& group_a = a.group(path);
  const std::set<std::string>& group_b = b.group(path);
  Difference difference;
  difference.path = path;
  difference.kind = EntryKind::hardlink;
  if (group_a.size() != group_b.size()) {
    difference.attribute = Attribute::nlink;
    difference.a = fmt::format("{}", group_a.size());
    difference.b = fmt::format("{}", group_b.size());
    return difference;
  }
  const auto text = [](bool link, const auto& found) {
    return link ? "hardlink to " + found->second : std::string("file");
  };
  difference.attribute = link_in_a == link_in_b ? Attribute::linktarget : Attribute::type;
  difference.a = text(link_in_a, in_a);
  difference.b = text(link_in_b, in_b);
  difference.representation = group_a == group_b;
  return difference;
}

}  // namespace buildlab::drift
