// One layer of A against one layer of B, read side by side. Private to this room.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "framework/drift/explain.h"
#include "framework/image/tar_reader.h"

namespace buildlab::drift {

struct LayerPair {
  image::ByteSource& a;
  image::ByteSource& b;
  std::string name_a;  // for messages
  std::string name_b;
  std::size_t number_a = 0;  // 1 is the lowest
  std::size_t number_b = 0;
};

// Files whose contents have to be fetched to be compared: they stand at different places in the two layers.
struct LatePair {
  std::string path;    // under which the difference is told
  std::string path_a;  // of the file with the content, which a hard link names
  std::string path_b;
  bool known_to_differ = false;
  std::optional<Digest> sum_a = std::nullopt;  // of the contents, where they are known
  std::optional<Digest> sum_b = std::nullopt;
};

struct LayerResult {
  std::vector<LatePair> late;
  // Paths whose entries other entries of the layer replace or move, so that reading side by side does not
  // tell what is there in the end. Empty where none, or no difference, depends on it.
  std::function<bool(const std::string& path)> entangled;
  // What is there in the end may be another thing although no difference says so: another order where folders
  // of layers below may be links, or entries that replace or lead others elsewhere. Unpacking all layers
  // tells.
  bool to_be_unpacked = false;
  // Hard links whose target is in no entry before them in this layer.
  std::vector<std::pair<std::string, std::string>> outside_a;  // path, target
  std::vector<std::pair<std::string, std::string>> outside_b;
  std::size_t found = 0;  // differences handed to the explainer
};

// Hands every difference but those of late pairs to `explainer`. Errors are the readers'.
Result<LayerResult> compare_layer(const LayerPair& pair, Explainer& explainer);

}  // namespace buildlab::drift
