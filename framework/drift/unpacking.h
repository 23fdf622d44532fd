// Layers unpacked one over the other, as runtimes do it: what stands later replaces what is there, whiteouts
// take away what is below their layer, hard links share a file. Private to this room.
#pragma once

#include <optional>
#include <string>

#include "framework/drift/flat.h"

namespace buildlab::drift {

// What becomes of an entry "lib/x" where a layer below has a symbolic link "lib". Runtimes differ: those that
// unpack each layer into a folder of its own hide the link behind a folder, those that unpack into one folder
// follow it. A link of the same layer is followed by both.
enum class LinksBelow { hidden, followed };

struct UnpackedLayers {
  FlatTree tree;
  std::optional<std::string> below_link;  // the first entry whose place depends on LinksBelow, in words
  bool folders_missing = false;           // some lie in folders that only layers below have
};

// With `keep_whiteouts`, these stay as entries, as they act on what is below. Two images may have more than
// ten million entries together: then an error says so.
Result<UnpackedLayers> unpack_layers(const image::ImageFile& image, Range layers, bool keep_whiteouts,
                                     LinksBelow links, Bytes max_layer);

}  // namespace buildlab::drift
