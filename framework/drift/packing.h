// Layers whose media types do not say how they are compressed. Private to this room.
#pragma once

#include <vector>

#include "framework/drift/align.h"
#include "framework/drift/explain.h"
#include "framework/image/image_file.h"

namespace buildlab::drift {

// Of the layers that were read: a note names each that lies, and where only one of a pair does, that is a
// difference.
Status tell_packing(const image::ImageFile& a, const image::ImageFile& b,
                    const std::vector<Segment>& segments, Explainer& explainer);

}  // namespace buildlab::drift
