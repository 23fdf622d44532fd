// What is on disk after some layers are unpacked one over the other (flat.cc), and what of a layer the layers
// above leave (hidden.cc). Private to this room.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "framework/drift/explain.h"
#include "framework/drift/fetch.h"
#include "framework/image/image_file.h"

namespace buildlab::drift {

struct FlatEntry {
  // Headers repeat a lot: their rarer parts are shared between entries.
  std::shared_ptr<const image::TarEntry> rare;  // names, times but mtime, xattrs; path, link and header empty
  image::TarType type = image::TarType::file;
  std::uint32_t mode = 0;
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  image::TarTime mtime;
  std::uint64_t size = 0;
  std::string link;  // symbolic: its target; hard: the name with the content
  std::optional<Digest> sum;
  std::size_t layer = 0;  // that wrote it; 1 is the lowest
  std::size_t names = 1;  // hard links to the same file, itself included
};

using FlatTree = std::map<std::string, FlatEntry>;

// Layers `first` to `end` (0 is the lowest, end not included). With `keep_whiteouts`, those that name nothing
// within these layers stay as entries, as they act on what is below. Two images may have more than ten
// million entries together: then an error says so.
Result<FlatTree> flatten(const image::ImageFile& image, std::size_t first, std::size_t end,
                         bool keep_whiteouts, Bytes max_layer);

// An entry of a layer.
struct EntryPlace {
  std::size_t layer = 0;  // 1 is the lowest
  std::string path;
};
// Whether a layer above takes each of these away or writes it anew, so that nothing of it may be left. Reads
// the layers above, from the top down.
Result<bool> all_hidden(const image::ImageFile& image, const std::vector<EntryPlace>& places,
                        Bytes max_layer);

// The same files with the same attributes and contents, whichever of several hard links is which.
bool equal(const FlatTree& a, const FlatTree& b);

// Ranges of layers that correspond as wholes, because the images are divided into layers differently.
struct Range {
  std::size_t first = 0;
  std::size_t end = 0;
};
Status compare_flat(const image::ImageFile& a, Range range_a, const image::ImageFile& b, Range range_b,
                    Bytes max_layer, Explainer& explainer);

}  // namespace buildlab::drift
