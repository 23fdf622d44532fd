// Values that nothing but a variation puts into a build: one found in an image proves the leak by itself.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "framework/variation/variation.h"

namespace buildlab::variation {

inline constexpr std::string_view k_canary_variable = "BUILDLAB_CANARY_VARIABLE";
inline constexpr std::string_view k_canary_value = "buildlab-canary-environment";
inline constexpr std::string_view k_canary_hostname = "buildlab-canary-hostname";
inline constexpr std::string_view k_canary_user = "buildlab-canary-user";
inline constexpr std::string_view k_canary_zone = "BLCANARYTZ";
inline constexpr std::string_view k_canary_hosts = "buildlab-canary-hosts";

// The texts that give `kind` away; none for one that leaves no text of its own.
std::vector<std::string_view> canaries(Kind kind);

// Finds canaries in a stream of bytes that comes in pieces, however the pieces cut them.
class CanarySearch {
 public:
  explicit CanarySearch(const std::vector<Kind>& kinds);
  void feed(std::string_view piece);
  // Those found so far, in the order asked for.
  std::vector<Kind> found() const;

 private:
  struct Wanted {
    Kind kind;
    std::string_view text;
    bool found = false;
  };
  std::vector<Wanted> m_wanted;
  std::string m_tail;  // of the piece before: shorter than the longest text
};

}  // namespace buildlab::variation
