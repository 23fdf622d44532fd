#include "framework/image/platform.h"

#include <fmt/format.h>

#include "framework/base/text.h"

namespace buildlab::image {

Result<Platform> parse_platform(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() >= 2 && parts.size() <= 3 && !parts[0].empty() && !parts[1].empty()) {
    return Platform{std::string(parts[0]), std::string(parts[1]),
                    parts.size() == 3 ? std::string(parts[2]) : ""};
  }
  return fail(ErrorKind::infrastructure,
              fmt::format("\"{}\" is no platform such as linux/amd64 or linux/arm64/v8", one_line(text, 60)));
}

std::string to_string(const Platform& platform) {
  return platform.variant.empty()
             ? fmt::format("{}/{}", platform.os, platform.architecture)
             : fmt::format("{}/{}/{}", platform.os, platform.architecture, platform.variant);
}

Platform normal(const Platform& platform) {
  Platform result{to_lower(platform.os), to_lower(platform.architecture), to_lower(platform.variant)};
  if (result.architecture == "x86_64" || result.architecture == "x86-64") result.architecture = "amd64";
  if (result.architecture == "aarch64") result.architecture = "arm64";
  if (result.architecture == "armhf") result.architecture = "arm";
  const bool implied =
      (result.architecture == "arm64" && (result.variant == "v8" || result.variant == "8")) ||
      (result.architecture == "arm" && (result.variant == "v7" || result.variant == "7")) ||
      (result.architecture == "amd64" && result.variant == "v1");
  if (implied) result.variant.clear();
  return result;
}

}  // namespace buildlab::image
