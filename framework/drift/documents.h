// Differences of manifests and configurations. Private to this room.
#pragma once

#include <vector>

#include "framework/drift/difference.h"
#include "framework/image/image_file.h"

namespace buildlab::drift {

// Media types, annotations (both representation), and every member of the configuration but the list of
// DiffIDs, which the layers' comparison tells. `same_layers`: as many layers in both, so that their histories
// can be compared; else a different history is only what the division into layers brings along.
std::vector<Difference> differences_of_documents(const image::ImageFile& a, const image::ImageFile& b,
                                                 bool same_layers);

}  // namespace buildlab::drift
