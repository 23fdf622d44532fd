// Images with several layers out of a seed: folders, files, links, devices, whiteouts, duplicates, xattrs.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/corpus/pair.h"

namespace buildlab::corpus {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : m_engine(seed) {}
  std::size_t below(std::size_t end) { return m_engine() % end; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::string letters(std::size_t count);
  template <typename T>
  void shuffle(std::vector<T>& all) {
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[below(i)]);
  }

 private:
  std::mt19937_64 m_engine;
};

using Layer = std::vector<Entry>;

struct Tree {
  std::vector<Layer> layers;

  // Entries that no other names and no later one hides: a change of one is a change of the image.
  std::vector<Entry*> plain(std::size_t layer, char type);
  ImageSpec image() const;
};

// At least two layers; every path begins with "data/".
Tree grown(Dice& dice);

// The image's Dockerfile has one instruction a layer; of every second one two lines.
struct Lines {
  int first = 0;
  int last = 0;
};
Lines lines_of(std::size_t layer);  // 1 is the lowest
// SLSA provenance of a build of `layers` layers that began at `started` ("2026-11-24T10:00:00Z") and took
// less than a minute.
std::string provenance_of(std::size_t layers, const std::string& started);

}  // namespace buildlab::corpus
