// A packet that asks for a name, for tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "framework/base/text.h"

namespace buildlab::testing {

inline std::string name_question(std::string_view name, std::uint16_t type = 1, std::string_view id = "ab") {
  std::string packet(id);
  packet += std::string("\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10);
  for (const std::string_view label : split(name, '.')) {
    packet += static_cast<char>(label.size());
    packet += label;
  }
  packet += std::string(2, '\0');
  packet += static_cast<char>(type);
  packet += std::string("\x00\x01", 2);
  return packet;
}

}  // namespace buildlab::testing
