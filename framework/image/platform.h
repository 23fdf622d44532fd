// A platform as images name it. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "framework/base/result.h"

namespace buildlab::image {

struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;  // "" without

  friend bool operator==(const Platform&, const Platform&) = default;
};

// "linux/amd64", "linux/arm64/v8"; anything else is an infrastructure error that quotes it.
Result<Platform> parse_platform(std::string_view text);
std::string to_string(const Platform& platform);
// The form in which equal platforms are equal: aliases replaced, the variant that an architecture implies
// left out (containerd's platforms package, "Normalization": arm64 is v8, arm is v7, amd64 is v1).
Platform normal(const Platform& platform);

}  // namespace buildlab::image
