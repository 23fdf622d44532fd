// Causes that stand in binary and structured files: archives, programs, databases, caches. Each format's
// reader says which bytes carry the cause and masks exactly these on both sides; only if nothing else differs
// is the cause proven.
#pragma once

#include <functional>
#include <optional>

#include "framework/causes/cause.h"
#include "framework/causes/observation.h"

namespace buildlab::causes {

// nullopt: no known format, or nothing in it explains the difference. What an archive holds is asked of
// of_content (recognise.h) in turn, under the path "ARCHIVE!MEMBER".
std::optional<Cause> of_format(const ContentPair& pair, const Surroundings& surroundings);

// The same with another answer for what an archive holds. One call may lead to others of of_format; the
// limits of the outermost (depth, bytes, members) then hold for all of them together.
using Descend = std::function<std::optional<Cause>(const ContentPair&, const Surroundings&)>;
std::optional<Cause> of_format(const ContentPair& pair, const Surroundings& surroundings,
                               const Descend& descend);

}  // namespace buildlab::causes
