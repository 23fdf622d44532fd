// Which layers of two images correspond. Pure. Private to this room.
#pragma once

#include <vector>

#include "framework/base/digest.h"
#include "framework/drift/flat.h"

namespace buildlab::drift {

struct Segment {
  Range a;
  Range b;
  bool equal = false;  // one layer each with the same DiffID

  bool is_pair() const { return a.end - a.first == 1 && b.end - b.first == 1; }
};

// Layers with the same DiffID are tied first, as many as possible in order; what lies between is paired by
// position when both have as many layers there, else it corresponds as a whole.
std::vector<Segment> align(const std::vector<Digest>& a, const std::vector<Digest>& b);

}  // namespace buildlab::drift
