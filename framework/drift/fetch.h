// A second reading of layers, for files that the first could not compare at once. Private to this room.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "framework/drift/explain.h"
#include "framework/drift/lockstep.h"
#include "framework/image/image_file.h"

namespace buildlab::drift {

struct Fetched {
  std::string text;
  std::uint64_t size = 0;
  bool complete = true;
};
using FetchedFiles = std::map<std::string, Fetched>;

// Contents of these files of one layer, of large ones the beginning; at most `budget` bytes in all, the rest
// without text. What is not there is absent.
Result<FetchedFiles> fetch(const image::ImageFile& image, std::size_t layer,
                           const std::set<std::string>& paths, Bytes max_layer, std::size_t budget);

// Compares the late pairs of layer `number_a` of A and `number_b` of B (1 is the lowest).
Status compare_late(const image::ImageFile& a, const image::ImageFile& b, std::size_t number_a,
                    std::size_t number_b, const std::vector<LatePair>& late, Bytes max_layer,
                    Explainer& explainer);

// Each hard link whose target its own layer does not hold has to find it in a layer below; an infrastructure
// error names the one that does not.
Status check_outside_links(const image::ImageFile& image, std::size_t number,
                           const std::vector<std::pair<std::string, std::string>>& links, Bytes max_layer);

// The newest content of each path in any of the layers; for folding.
Result<std::map<std::string, std::string>> fetch_newest(const image::ImageFile& image,
                                                        const std::set<std::size_t>& layers,
                                                        const std::set<std::string>& paths, Bytes max_layer);

}  // namespace buildlab::drift
