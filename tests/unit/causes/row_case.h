// One pair of contents, and the row of the catalogue that it is or is not.
#pragma once

#include <string>
#include <vector>

#include "framework/causes/cause.h"
#include "framework/causes/observation.h"

namespace buildlab::causes {

struct RowCase {
  std::string row;
  std::string path;
  std::string a;
  std::string b;
  CauseClass kind = CauseClass::time;
  bool proven = false;
};

// The same path or form, but not the row's cause.
struct NearMiss {
  std::string row;
  std::string path;
  std::string a;
  std::string b;
};

// Builds of 2026-11-24, 10:00:00 and 10:01:40 UTC.
inline Surroundings built_now() {
  Surroundings surroundings;
  surroundings.build_a = Window{1'795'514'400, 1'795'514'460};
  surroundings.build_b = Window{1'795'514'500, 1'795'514'560};
  return surroundings;
}

std::vector<RowCase> image_and_debian_cases();
std::vector<RowCase> distribution_cases();
std::vector<RowCase> language_cases();
std::vector<RowCase> compiled_cases();
std::vector<NearMiss> near_misses();
std::vector<NearMiss> compiled_near_misses();

// Rows that have a presence of their own, with a path of theirs and one that is not.
struct PresenceCase {
  std::string row;  // "" for unknown
  std::string path;
  CauseClass kind = CauseClass::time;
  EntryKind entry = EntryKind::file;
};
std::vector<PresenceCase> presence_cases();

}  // namespace buildlab::causes
