// What a format's reader found, until all of it is one Cause.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/causes/cause.h"

namespace buildlab::causes::formats {

// What a reader knows before it sees any bytes.
struct Row {
  CauseClass kind;
  const char* id;
  const char* name;
  const char* fix;
};

class Findings {
 public:
  void add(const Row& row, std::string evidence);
  void add(Cause cause);
  // The cause of a difference inside; a supposed one makes the whole supposed.
  void add_member(Cause cause, std::string_view member);
  // What was added is not certain.
  void suppose() { m_supposed = true; }
  // Something differs that no finding accounts for.
  void unexplained(std::string what);

  bool empty() const { return m_causes.empty(); }
  // The first cause that is no mere consequence, with the others named in its evidence; nullopt if there is
  // none. `equal`: both sides were the same once the findings' bytes were masked.
  std::optional<Cause> result(bool equal) const;

 private:
  std::vector<Cause> m_causes;
  std::vector<std::string> m_unexplained;
  bool m_supposed = false;
};

}  // namespace buildlab::causes::formats
