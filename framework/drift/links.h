// Hard links of one layer pair: which names are one file, in A and in B. Private to this room.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "framework/drift/difference.h"

namespace buildlab::drift {

class Links {
 public:
  void add(const std::string& path, const std::string& target) { m_targets[path] = target; }
  const std::map<std::string, std::string>& all() const { return m_targets; }
  // Once all are added. An error when links go round in a circle; `layer` begins its message.
  Status resolve(const std::string& layer);
  // The name with the content.
  const std::string& root(const std::string& path) const;
  // All names of the file behind `path`.
  const std::set<std::string>& group(const std::string& path) const;

 private:
  std::map<std::string, std::string> m_targets;
  std::map<std::string, std::string> m_roots;
  mutable std::map<std::string, std::set<std::string>> m_groups;
};

// One path that is a hard link in A or in B: how its links differ. nullopt when both name the same files and
// the same one is the file.
std::optional<Difference> difference_of_links(const std::string& path, const Links& a, const Links& b);

}  // namespace buildlab::drift
