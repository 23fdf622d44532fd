// What a comparison of images is told to pass over, with the reason that every output repeats. Values only.
#pragma once

#include <string>
#include <string_view>

#include "framework/base/result.h"
#include "framework/causes/observation.h"

namespace buildlab::policy {

// Without `content` it passes over no difference of content: content, size, type, a link's target, or an
// entry that only one image has.
struct Policy {
  std::string path;       // glob over paths without a leading slash; "" for any place
  std::string attribute;  // "mtime", "config.Labels", "config" for all its members; "" for any but content
  bool content = false;   // it may hide content
  std::string reason;
  std::string text;  // as it was given, without the reason

  friend bool operator==(const Policy&, const Policy&) = default;
};

// "path=var/log/**,attribute=mtime:why it does not matter", with ",content" where it may hide content: at
// least a path or an attribute, and a reason, which is what follows the first ':'. An error (usage) says what
// is missing.
Result<Policy> parse_policy(std::string_view text);

// As parse_policy() reads it.
std::string to_string(const Policy& policy);

// `path` is empty where no file differs; `name` is the attribute with its member: "config.Labels".
bool covers(const Policy& policy, std::string_view path, causes::Attribute attribute, std::string_view name);

}  // namespace buildlab::policy
