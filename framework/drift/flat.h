// What is on disk after some layers are unpacked one over the other (unpacking.h), two such trees compared
// (flat.cc), and what of a layer the layers above leave (hidden.cc). Private to this room.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "framework/drift/explain.h"
#include "framework/drift/fetch.h"
#include "framework/image/image_file.h"

namespace buildlab::drift {

struct FlatEntry {
  // Headers repeat a lot: their rarer parts are shared between entries.
  std::shared_ptr<const image::TarEntry> rare;  // names, times but mtime, xattrs; path, link and header empty
  image::TarType type = image::TarType::file;   // a hard link has that of the file that it names
  std::uint32_t mode = 0;
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  image::TarTime mtime;
  std::string link;     // of a symbolic link: its target
  std::string outside;  // of a hard link: its target, where no layer that was read has it
  std::optional<Digest> sum;
  std::size_t layer = 0;          // that wrote it; 1 is the lowest
  std::size_t content_layer = 0;  // that has its content
  std::string content_path;       // under which it has it; "" is the own path
  std::uint64_t file = 0;         // the same for all names of one file
  std::size_t names = 1;          // that the file has
  std::string first_name;         // of these, where there are several
  std::uint32_t times = 1;        // that its layer writes it
  bool implied = false;           // a folder without an entry, made for what lies in it
};

using FlatTree = std::map<std::string, FlatEntry>;

// Layers `first` to `end`; 0 is the lowest, end not included.
struct Range {
  std::size_t first = 0;
  std::size_t end = 0;
};

// An entry of a layer.
struct EntryPlace {
  std::size_t layer = 0;  // 1 is the lowest
  std::string path;
};
// Whether a layer above takes each of these away or writes it anew, so that nothing of it may be left. Reads
// the layers above, from the top down.
Result<bool> all_hidden(const image::ImageFile& image, const std::vector<EntryPlace>& places,
                        Bytes max_layer);

// Whether both images unpack to the same files with the same attributes and contents, whichever of several
// hard links is which. Not so when runtimes may unpack them to different ones: that is noted.
Result<bool> unpack_alike(const image::ImageFile& a, const image::ImageFile& b, Bytes max_layer,
                          Explainer& explainer);

// Ranges of layers that correspond as wholes, because the images are divided into layers differently. True
// when links in layers below may lead one's entries elsewhere than the other's.
Result<bool> compare_flat(const image::ImageFile& a, Range range_a, const image::ImageFile& b, Range range_b,
                          Bytes max_layer, Explainer& explainer);

// One layer of each, of which some entries undo others: what was told of the paths that `is_meant` names is
// told anew by what is on disk after all of the layer.
using PathFilter = std::function<bool(const std::string& path)>;
Status compare_again(const image::ImageFile& a, std::size_t number_a, const image::ImageFile& b,
                     std::size_t number_b, const PathFilter& is_meant, Bytes max_layer, Explainer& explainer);

}  // namespace buildlab::drift
