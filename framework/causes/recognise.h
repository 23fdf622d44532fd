// From an observation to its cause. nullopt means unknown: it is never guessed into a class.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "framework/causes/cause.h"
#include "framework/causes/observation.h"

namespace buildlab::causes {

std::optional<Cause> of_content(const ContentPair& pair, const Surroundings& surroundings);
std::optional<Cause> of_attribute(const AttributePair& pair, const Surroundings& surroundings);
std::optional<Cause> of_presence(const Presence& presence, const Surroundings& surroundings);

// What differs between two images, as folding sees it: one entry a path and layer.
struct Known {
  std::string path;
  std::set<Attribute> attributes;
  std::string_view a;  // contents where they were kept
  std::string_view b;
  std::optional<Cause> cause;
};

// Files of both images that folding would read beside the differing ones (a package's list of files).
std::vector<std::string> wanted(const std::vector<Known>& known);

// Path -> content in A and in B; what an image does not have is absent.
using Files = std::map<std::string, std::pair<std::optional<std::string>, std::optional<std::string>>>;

struct Consequence {
  std::size_t follower = 0;  // index into `known`
  Cause cause;               // class DERIVED or VERS; its `root` names the path that it follows from
};

// What only follows from another difference: a RECORD line under the file it lists, everything that a changed
// package owns under that package's version, what names a file that is named by its content under that file.
// The latter's own cause is among them too, for it is seen only once both names are known to be one file's.
std::vector<Consequence> consequences(const std::vector<Known>& known, const Files& files,
                                      const Surroundings& surroundings = {});

}  // namespace buildlab::causes
