// No recogniser is here yet: every cause is unknown, which is never guessed at.
#include "framework/causes/recognise.h"

namespace buildlab::causes {

std::optional<Cause> of_content(const ContentPair&, const Surroundings&) {
  return std::nullopt;
}
std::optional<Cause> of_attribute(const AttributePair&, const Surroundings&) {
  return std::nullopt;
}
std::optional<Cause> of_presence(const Presence&, const Surroundings&) {
  return std::nullopt;
}
std::vector<std::string> wanted(const std::vector<Known>&) {
  return {};
}
std::vector<Consequence> consequences(const std::vector<Known>&, const Files&) {
  return {};
}

}  // namespace buildlab::causes
