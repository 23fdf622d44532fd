// Why a step ran although a cache could have held its result. framework/misses decides it. Values only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "framework/base/result.h"

namespace buildlab::metrics {

enum class MissReason {
  own_definition,           // its text, or a variable, shell, user, folder or frontend that it sees
  input_content,            // files of the context that it reads
  input_metadata,           // of those only mode or extended attributes
  parent_rekeyed,           // what it stands on or copies from has another key
  result_gone,              // its key is what it was, and the cache does not hold the result
  import_failed,            // the cache could not be read
  forced,                   // told to use no cache
  nondeterministic_parent,  // it copies from a step that ran again as it was, and came out otherwise
  first_build,              // nothing was in the cache
};

std::string_view to_string(MissReason reason);  // "own-definition", "input-content", …
Result<MissReason> parse_miss_reason(std::string_view text);

struct Miss {
  MissReason reason = MissReason::first_build;
  std::optional<std::string> detail = {};  // one line; nullopt where nothing more is known

  friend bool operator==(const Miss&, const Miss&) = default;
};

// "own-definition: variable VERSION: 1 -> 2".
std::string to_text(const Miss& miss);

}  // namespace buildlab::metrics
