// What a comparison is told to pass over, with the reason that every output repeats.
#pragma once

#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/drift/difference.h"

namespace buildlab::drift {

struct Policy {
  std::string path;       // glob over paths; "" for any
  std::string attribute;  // "mtime", "config.Labels"; "" for any but content
  bool content = false;   // it may hide content
  std::string reason;
  std::string text;  // as it was given

  // "path=GLOB attribute=NAME content reason=TEXT": at least a path or an attribute, and a reason. An error
  // (usage) says what is missing; a policy without "content" never hides content, size, type, or an entry
  // that only one image has.
};

// "path=var/log/**,attribute=mtime:why it does not matter". The reason is what follows the first ':'.
Result<Policy> parse_policy(std::string_view text);

// Removes what the policies pass over; returns what each took.
std::vector<Ignored> apply(const std::vector<Policy>& policies, std::vector<Difference>& differences);

}  // namespace buildlab::drift
