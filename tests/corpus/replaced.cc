// Entries that others of the same layer, or layers above, replace or lead elsewhere; and the same blobs by
// another name.
#include <utility>

#include "tests/corpus/trees.h"
#include "tests/unit/causes_formats/samples.h"

namespace buildlab::corpus {
namespace {

Pair same_tree(std::string name, const Tree& a, const Tree& b) {
  Pair pair;
  pair.group = "entries that others replace";
  pair.name = std::move(name);
  pair.a = a.image();
  pair.b = b.image();
  pair.expected.verdict = "representation";
  return pair;
}

// The first of two entries is another one; the last one counts.
Pair replaced_by_itself(Dice& dice) {
  const Tree tree = grown(dice);
  Tree other = tree;
  Entry before = *other.plain(0, '0').at(0);
  before.content = dice.letters(60);
  before.mode = 0600;
  const std::string path = before.path;
  other.layers[0].insert(other.layers[0].begin() + 4, before);
  Pair pair = same_tree("an entry before the same path's last", tree, other);
  pair.expected.planted = {{"format", path, 1}};
  pair.expected.row = "G3";
  return pair;
}

Pair repeated_folder(Dice& dice) {
  const Tree tree = grown(dice);
  Tree other = tree;
  other.layers[0].push_back(other.layers[0].at(1));
  Pair pair = same_tree("a folder twice, with other entries between", tree, other);
  pair.expected.planted = {{"format", "data/bin", 1}};
  pair.expected.row = "G3";
  return pair;
}

// By way of a link of the same layer.
Pair through_link(Dice& dice) {
  Tree tree = grown(dice);
  tree.layers[0].push_back({"data/way", "", '2', "lib", 0777});
  Tree other = tree;
  tree.layers[0].push_back({"data/lib/there", "B"});
  other.layers[0].push_back({"data/way/there", "B"});
  Pair pair = same_tree("a file by way of a symbolic link", tree, other);
  pair.expected.planted = {{"format", "data/lib/there", 1}, {"format", "data/way/there", 1}};
  pair.expected.row = "G3";
  return pair;
}

// A file of its own in place of a hard link, which a layer above removes.
Pair removed_name(Dice& dice) {
  Tree tree = grown(dice);
  tree.layers[0].push_back({"data/third", "", '1', "data/origin"});
  Tree other = tree;
  for (const Entry& entry : tree.layers[0]) {
    if (entry.path == "data/origin") other.layers[0].back() = entry;
  }
  other.layers[0].back().path = "data/third";
  for (Tree* both : {&tree, &other}) both->layers.back().push_back({"data/.wh.third", ""});
  Pair pair = same_tree("a hard link's name that a layer above removes", tree, other);
  pair.expected.planted = {{"nlink", "data/third", 1}};
  pair.expected.row = "A16";
  return pair;
}

Pair without_end(Dice& dice) {
  const Tree tree = grown(dice);
  Pair pair = same_tree("no end mark", tree, tree);
  std::string& tar = pair.b.tars[0];
  tar.resize(tar.size() - 1024);
  pair.expected.planted = {{"format", "", 1}};
  pair.expected.row = "G3";
  return pair;
}

Pair misnamed_compression(Dice& dice) {
  const Tree tree = grown(dice);
  Pair pair = same_tree("zstd under gzip's media type", tree, tree);
  pair.a.gzip = pair.b.gzip = true;
  pair.b.pack = [](const std::string& tar) { return causes::compressed(tar, "zstd", 3); };
  pair.b.layer_type = "application/vnd.oci.image.layer.v1.tar+gzip";
  for (std::size_t layer = 1; layer <= tree.layers.size(); ++layer) {
    pair.expected.planted.push_back({"compression", "", layer});
    pair.expected.planted.push_back({"mediatype", "", layer});
  }
  pair.expected.row = "A10";
  return pair;
}

// The same entries, of which others make something else.
Pairs undone_pairs(Dice& dice) {
  Pairs pairs;
  const auto add = [&](std::string name, const Tree& a, const Tree& b, std::vector<Place> planted) {
    Pair pair = same_tree(std::move(name), a, b);
    pair.expected.verdict = "different";
    pair.expected.planted = std::move(planted);
    pairs.push_back(std::move(pair));
  };
  const auto grown_with = [&](const std::vector<Entry>& last) {
    Tree tree = grown(dice);
    Tree other = tree;
    tree.layers[0].insert(tree.layers[0].end(), last.begin(), last.end());
    other.layers[0].insert(other.layers[0].end(), last.rbegin(), last.rend());
    return std::pair(tree, other);
  };
  const auto [two, turned] = grown_with({{"data/two", dice.letters(9)}, {"data/two", dice.letters(9)}});
  add("the last of two entries", two, turned, {{"content", "data/two", 1}});
  const auto [way, before] =
      grown_with({{"data/way", "", '2', "lib", 0777}, {"data/way/there", dice.letters(9)}});
  add("a link before or behind what lies below it", way, before, {{"missing", "data/lib/there", 1}});
  const auto [hard, late] = grown_with(
      {{"data/two", dice.letters(9)}, {"data/hard", "", '1', "data/two"}, {"data/two", dice.letters(9)}});
  add("a hard link to the first of two entries", hard, late,
      {{"content", "data/two", 1}, {"content", "data/hard", 1}});
  return pairs;
}

}  // namespace

Pairs replaced_pairs(std::uint64_t seed) {
  Dice dice(seed);
  Pairs pairs{replaced_by_itself(dice), repeated_folder(dice), through_link(dice),
              removed_name(dice),       without_end(dice),     misnamed_compression(dice)};
  for (Pair& pair : undone_pairs(dice)) pairs.push_back(std::move(pair));
  return pairs;
}

}  // namespace buildlab::corpus
