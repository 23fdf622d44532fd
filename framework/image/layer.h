// The bytes of one layer's tar, unpacked and verified.
#pragma once

#include <string>

#include "framework/base/digest.h"
#include "framework/image/source.h"

namespace buildlab::image {

struct LayerClaim {
  std::string name;  // begins each message: "a.tar layer 3 sha256:2f1c…"
  Digest digest;     // of the packed blob
  Digest diff_id;    // of the tar
  Bytes limit;       // what the tar may have
};

// The tar of `packed`. Its end is given only when both digests are those that the image claims; else the
// error says which one is not, and what it is. Must be read to its end for that.
Source verified_layer(Source packed, const LayerClaim& claim);

}  // namespace buildlab::image
