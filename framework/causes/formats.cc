#include "framework/causes/formats.h"

namespace buildlab::causes {

std::optional<Cause> of_format(const ContentPair&, const Surroundings&) {
  return std::nullopt;
}

}  // namespace buildlab::causes
