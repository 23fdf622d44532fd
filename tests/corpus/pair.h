// Two images that were made to differ in a known way, and what has to be said of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "framework/causes/observation.h"
#include "tests/support/image_writer.h"

namespace buildlab::corpus {

using synthetic::Entry;
using synthetic::ImageSpec;

// How the image is stored.
enum class Form { layout, archive, docker };

struct Place {
  std::string attribute;  // "mtime", "config.Env"
  std::string path = {};
  std::size_t layer = 0;  // 1 is the lowest; 0 for what belongs to no layer
};

struct Expected {
  std::string verdict;
  std::vector<Place> planted;  // each has to be told
  // Row of the first difference that is told; "" is unknown, none is not judged.
  std::optional<std::string> row = std::nullopt;
  std::string not_row = {};  // of a near miss: no difference may be called this
  // Paths whose differences only follow from the planted one.
  std::vector<std::string> followers = {};
};

struct Pair {
  std::string group;  // of the table that is printed
  std::string name;
  ImageSpec a;
  ImageSpec b;
  Expected expected;
  Form form_a = Form::layout;
  Form form_b = Form::layout;
  std::optional<std::int64_t> epoch = std::nullopt;
  std::vector<causes::Canary> canaries = {};
};
using Pairs = std::vector<Pair>;

// Each takes the seed of its trees.
Pairs row_pairs(std::uint64_t seed);             // contents and entries of every row of the catalogue
Pairs sample_pairs(std::uint64_t seed);          // files that the real tools wrote
Pairs recogniser_pairs(std::uint64_t seed);      // G1 to G11
Pairs attribute_pairs(std::uint64_t seed);       // one attribute of one entry or document
Pairs representation_pairs(std::uint64_t seed);  // the same files and configuration in other bytes
Pairs replaced_pairs(std::uint64_t seed);        // entries that others replace or lead elsewhere
Pairs hidden_pairs(std::uint64_t seed);          // a difference among many of representation

}  // namespace buildlab::corpus
