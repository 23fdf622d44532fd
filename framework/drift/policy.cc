#include "framework/drift/policy.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "framework/base/text.h"
#include "framework/drift/order.h"

namespace buildlab::drift {
namespace {

constexpr std::string_view k_form =
    "a policy reads \"path=GLOB,attribute=NAME:REASON\", with ,content where it may hide content";

bool hides_content(const Difference& difference) {
  switch (difference.attribute) {
    case Attribute::content:
    case Attribute::size:
    case Attribute::type:
    case Attribute::missing:
    case Attribute::added:
    case Attribute::linktarget:
      return true;
    default:
      return false;
  }
}

bool covers(const Policy& policy, const Difference& difference) {
  if (!policy.path.empty() && (difference.path.empty() || !matches_glob(policy.path, difference.path))) {
    return false;
  }
  const std::string name = attribute_name(difference);
  if (!policy.attribute.empty() && policy.attribute != name &&
      policy.attribute != causes::to_string(difference.attribute)) {
    return false;
  }
  return policy.content || !hides_content(difference);
}

}  // namespace

Result<Policy> parse_policy(std::string_view text) {
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorKind::usage, fmt::format("policy \"{}\": {}", one_line(text, 120), what),
                {std::string(k_form)});
  };
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || trim(text.substr(colon + 1)).empty()) {
    return wrong("it has no reason; whoever reads the result has to know why something was passed over");
  }
  Policy policy;
  policy.text = text.substr(0, colon);
  policy.reason = trim(text.substr(colon + 1));
  for (const std::string_view raw : split(text.substr(0, colon), ',')) {
    const std::string_view part = trim(raw);
    if (part == "content") {
      policy.content = true;
    } else if (part.starts_with("path=") && part.size() > 5) {
      policy.path = part.substr(5);
      if (policy.path.starts_with('/')) policy.path.erase(0, 1);
    } else if (part.starts_with("attribute=") && part.size() > 10) {
      policy.attribute = part.substr(10);
      if (!is_attribute_name(policy.attribute)) {
        return wrong(fmt::format("there is no attribute \"{}\"", policy.attribute));
      }
    } else {
      return wrong(fmt::format("\"{}\" is not understood", one_line(part, 60)));
    }
  }
  if (policy.path.empty() && policy.attribute.empty())
    return wrong("it names neither a path nor an attribute");
  const bool needs_content = policy.attribute == "content" || policy.attribute == "size" ||
                             policy.attribute == "type" || policy.attribute == "missing" ||
                             policy.attribute == "added" || policy.attribute == "linktarget";
  if (needs_content && !policy.content) {
    return wrong(fmt::format("\"{}\" hides content; add \",content\" if that is meant", policy.attribute));
  }
  return policy;
}

std::vector<Ignored> apply(const std::vector<Policy>& policies, std::vector<Difference>& differences) {
  std::vector<Ignored> ignored;
  for (const Policy& policy : policies) {
    const std::size_t before = differences.size();
    std::erase_if(differences, [&](const Difference& difference) { return covers(policy, difference); });
    ignored.push_back({policy.text, policy.reason, before - differences.size()});
  }
  return ignored;
}

}  // namespace buildlab::drift
