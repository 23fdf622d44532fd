// Private to the room: on which lines the values of a JSON text stand, and which keys it has twice.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace buildlab::scenario {

struct DuplicateKey {
  std::string pointer;  // of the second one
  std::string key;
  int first_line = 0;
  int line = 0;
};

struct Positions {
  std::map<std::string, int, std::less<>>
      lines;  // pointer -> line of the value's key, or of the value in arrays
  std::vector<DuplicateKey> duplicates;

  // That of the nearest value around it where the pointer names nothing.
  int line(std::string_view pointer) const;
};

// The text must be valid JSON.
Positions scan_positions(std::string_view text);

// "/scenarios/0" and "name" -> "/scenarios/0/name", escaped as RFC 6901 says.
std::string child_pointer(std::string_view parent, std::string_view key);

}  // namespace buildlab::scenario
