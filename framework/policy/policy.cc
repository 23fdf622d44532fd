#include "framework/policy/policy.h"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>

#include "framework/base/text.h"

namespace buildlab::policy {
namespace {

using causes::Attribute;

constexpr std::string_view k_form =
    "a policy reads \"path=GLOB,attribute=NAME:REASON\", with ,content where it may hide content";

constexpr Attribute k_attributes[] = {
    Attribute::content,    Attribute::size,       Attribute::mode,    Attribute::uid,
    Attribute::gid,        Attribute::uname,      Attribute::gname,   Attribute::mtime,
    Attribute::atime,      Attribute::ctime,      Attribute::xattr,   Attribute::type,
    Attribute::linktarget, Attribute::nlink,      Attribute::device,  Attribute::missing,
    Attribute::added,      Attribute::order,      Attribute::format,  Attribute::compression,
    Attribute::mediatype,  Attribute::annotation, Attribute::history, Attribute::config};

constexpr Attribute k_of_content[] = {Attribute::content, Attribute::size,  Attribute::type,
                                      Attribute::missing, Attribute::added, Attribute::linktarget};

bool is_attribute_name(std::string_view text) {
  if (text.starts_with("config.")) return text.size() > 7;
  return std::any_of(std::begin(k_attributes), std::end(k_attributes),
                     [&](Attribute attribute) { return causes::to_string(attribute) == text; });
}

bool hides_content(std::string_view name) {
  return std::any_of(std::begin(k_of_content), std::end(k_of_content),
                     [&](Attribute attribute) { return causes::to_string(attribute) == name; });
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
  policy.text = trim(text.substr(0, colon));
  policy.reason = trim(text.substr(colon + 1));
  for (const std::string_view raw : split(policy.text, ',')) {
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
  if (hides_content(policy.attribute) && !policy.content) {
    return wrong(fmt::format("\"{}\" hides content; add \",content\" if that is meant", policy.attribute));
  }
  return policy;
}

std::string to_string(const Policy& policy) {
  return policy.text + ":" + policy.reason;
}

bool covers(const Policy& policy, std::string_view path, Attribute attribute, std::string_view name) {
  if (!policy.path.empty() && (path.empty() || !matches_glob(policy.path, path))) return false;
  const std::string plain(causes::to_string(attribute));
  if (!policy.attribute.empty() && policy.attribute != name && policy.attribute != plain) return false;
  return policy.content || !hides_content(plain);
}

}  // namespace buildlab::policy
