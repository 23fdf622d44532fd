// How differences are named and in which order they are told.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/drift/difference.h"

namespace buildlab::drift {

// "mtime", "config.Env".
std::string attribute_name(const Difference& difference);

// Worst first: what changes how the image behaves before what changes its bytes, root causes before what
// follows from them; then by layer and path.
void sort_worst_first(std::vector<Difference>& differences);

// How much of what differs is explained: paths (in a layer) and documents, each counted once; explained when
// every difference of it has a cause.
struct Share {
  std::size_t places = 0;
  std::size_t with_cause = 0;
  std::size_t proven = 0;
};
Share explained_share(const std::vector<Difference>& differences);

// Differences of one cause, to be told in one line. In the order of their first.
struct Group {
  std::vector<const Difference*> members;
  const Difference& first() const { return *members.front(); }
};
std::vector<Group> groups(const std::vector<Difference>& differences);

}  // namespace buildlab::drift
