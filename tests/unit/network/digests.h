#pragma once

#include <string>

namespace buildlab::network {

// A digest that is well-formed: that letter 64 times.
inline std::string digest(char c) {
  return "sha256:" + std::string(64, c);
}

}  // namespace buildlab::network
