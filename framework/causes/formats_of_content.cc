// Apart from formats.cc, so that who brings an own Descend needs nothing of recognise.h.
#include "framework/causes/formats.h"
#include "framework/causes/recognise.h"

namespace buildlab::causes {

std::optional<Cause> of_format(const ContentPair& pair, const Surroundings& surroundings) {
  return of_format(pair, surroundings, of_content);
}

}  // namespace buildlab::causes
