// One layer of A against one layer of B, read side by side. Private to this room.
#pragma once

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
};

struct LayerResult {
  std::vector<LatePair> late;
  // Hard links whose target is in no entry before them in this layer.
  std::vector<std::pair<std::string, std::string>> outside_a;  // path, target
  std::vector<std::pair<std::string, std::string>> outside_b;
  std::size_t found = 0;  // differences handed to the explainer
};

// Hands every difference but those of late pairs to `explainer`. Errors are the readers'.
Result<LayerResult> compare_layer(const LayerPair& pair, Explainer& explainer);

}  // namespace buildlab::drift
