// What happens to a look-up of a registry's name: how late it is answered, and where the answer leads to.
// Pure but for what was applied already.
#pragma once

#include <optional>
#include <vector>

#include "framework/base/time.h"
#include "framework/fault/fault.h"

namespace buildlab::network {

enum class LeadsTo {
  proxy,     // to where it should
  nowhere,   // to an address where packets vanish
  no_route,  // to an address that no route leads to
  failure,   // the server says that it failed
};

struct Lookup {
  LeadsTo leads_to = LeadsTo::proxy;
  Nanoseconds delay{};

  bool disturbed() const { return leads_to != LeadsTo::proxy || delay.count() > 0; }
  friend bool operator==(const Lookup&, const Lookup&) = default;
};

class Lookups {
 public:
  // Of these, what concerns the way to the host; in that measured build.
  Lookups(const std::vector<fault::Fault>& faults, std::optional<int> build);
  // Counts each fault that it gives towards the fault's `times`. Not safe from several threads. Delays add
  // up; of several other faults the first declared counts. `after` the build's start.
  Lookup next(fault::At at, Nanoseconds after);
  // Whether the next one would be answered with a failure; counts nothing.
  bool would_fail(fault::At at, Nanoseconds after) const;

 private:
  std::vector<fault::Fault> m_faults;
  std::optional<int> m_build;
  std::vector<int> m_applied;
};

}  // namespace buildlab::network
