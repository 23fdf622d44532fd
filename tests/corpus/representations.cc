// The same files and configuration in other bytes, and real differences among such.
#include <algorithm>
#include <functional>
#include <utility>

#include "tests/corpus/trees.h"
#include "tests/unit/causes_formats/samples.h"

namespace buildlab::corpus {
namespace {

std::string without_slash(std::string path) {
  if (path.ends_with('/')) path.pop_back();
  return path;
}

// Entries that may stand anywhere in their layer, at new places among themselves; false when all stay.
bool shuffle_order(Layer& layer, Dice& dice) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < layer.size(); ++i) {
    const bool free = layer[i].type == '0' && layer[i].path.find("twice") == std::string::npos &&
                      layer[i].path.find("origin") == std::string::npos;
    if (free) places.push_back(i);
  }
  std::vector<Entry> taken;
  for (const std::size_t place : places) taken.push_back(layer[place]);
  dice.shuffle(taken);
  bool moved = false;
  for (std::size_t i = 0; i < places.size(); ++i) {
    moved = moved || layer[places[i]].path != taken[i].path;
    layer[places[i]] = taken[i];
  }
  return moved;
}

Pair pair_of(std::string name, const Tree& a, const Tree& b) {
  Pair pair;
  pair.group = "other representation";
  pair.name = std::move(name);
  pair.a = a.image();
  pair.b = b.image();
  pair.expected.verdict = "representation";
  return pair;
}

Pair reordered(Dice& dice) {
  const Tree tree = grown(dice);
  Tree other = tree;
  const std::size_t layer = dice.below(tree.layers.size());
  while (!shuffle_order(other.layers[layer], dice)) continue;
  Pair pair = pair_of("another order of entries", tree, other);
  pair.expected.planted = {{"order", "", layer + 1}};
  pair.expected.row = "G3";
  return pair;
}

Pair written_by_gnu(Dice& dice) {
  const Tree tree = grown(dice);
  Tree other = tree;
  const std::size_t layer = dice.below(tree.layers.size());
  std::vector<Place> planted;
  for (Entry& entry : other.layers[layer]) {
    if (!entry.pax.empty()) continue;
    entry.gnu = true;
    planted.push_back({"format", without_slash(entry.path), layer + 1});
  }
  Pair pair = pair_of("GNU's format of tar", tree, other);
  pair.expected.planted = std::move(planted);
  pair.expected.row = "G3";
  return pair;
}

Pair other_names(Dice& dice) {
  const Tree tree = grown(dice);
  Tree other = tree;
  std::vector<Place> planted;
  for (Entry& entry : other.layers[0]) {
    planted.push_back({"format", without_slash(entry.path), 1});
    entry.path = "./" + entry.path;
  }
  Pair pair = pair_of("names that begin with ./", tree, other);
  pair.expected.planted = std::move(planted);
  pair.expected.row = "G3";
  return pair;
}

Pair other_pax_names(Dice& dice) {
  Tree tree = grown(dice);
  tree.layers[0].push_back({"data/pax", "B"});
  tree.layers[0].back().pax = {{"SCHILY.xattr.user.note", "x"}};
  Tree other = tree;
  other.layers[0].back().pax_name = "data/PaxHeaders.77/pax";
  Pair pair = pair_of("another name of a pax header", tree, other);
  pair.expected.planted = {{"format", "data/pax", 1}};
  pair.expected.row = "G3";
  return pair;
}

Pair other_padding(Dice& dice, bool at_end) {
  const Tree tree = grown(dice);
  Pair pair = pair_of(at_end ? "more blocks behind the end" : "bytes in the padding", tree, tree);
  std::string& tar = pair.b.tars[0];
  if (at_end) {
    tar += std::string(512 * (1 + dice.below(20)), '\0');
  } else {
    const Entry& last = tree.layers[0].back();
    tar[tar.rfind(last.content) + last.content.size()] = 'x';
  }
  pair.expected.planted = {{"format", "", 1}};
  pair.expected.row = "G3";
  return pair;
}

Pair swapped_link(Dice& dice) {
  const Tree tree = grown(dice);
  Tree other = tree;
  std::string content;
  for (Entry& entry : other.layers[0]) {
    if (entry.path == "data/origin") {
      content = std::exchange(entry.content, "");
      entry.type = '1';
      entry.link = "data/same";
    } else if (entry.path == "data/same") {
      entry.content = content;
      entry.type = '0';
      entry.link.clear();
    }
  }
  Pair pair = pair_of("file and hard link swapped", tree, other);
  pair.expected.planted = {{"type", "data/origin", 1}, {"type", "data/same", 1}};
  pair.expected.row = "A17";
  return pair;
}

Pair other_link_target(Dice& dice) {
  Tree tree = grown(dice);
  tree.layers[0].push_back({"data/third", "", '1', "data/origin"});
  Tree other = tree;
  other.layers[0].back().link = "data/same";
  Pair pair = pair_of("a hard link by way of another", tree, other);
  pair.expected.planted = {{"linktarget", "data/third", 1}};
  pair.expected.row = "A16";
  return pair;
}

Pair repeated(Dice& dice) {
  const Tree tree = grown(dice);
  Tree other = tree;
  const Entry again = *other.plain(0, '0').at(0);
  other.layers[0].push_back(again);
  Pair pair = pair_of("an entry twice", tree, other);
  pair.expected.planted = {{"format", again.path, 1}};
  pair.expected.row = "G3";
  return pair;
}

Pair needless_whiteout(Dice& dice) {
  const Tree tree = grown(dice);
  Tree other = tree;
  other.layers.back().push_back({"data/.wh.never", ""});
  Pair pair = pair_of("a whiteout of nothing", tree, other);
  pair.expected.planted = {{"added", "data/.wh.never", tree.layers.size()}};
  return pair;
}

// A difference that a layer above takes away again, by a whiteout or by writing the path anew.
Pair hidden_below(Dice& dice, bool by_whiteout) {
  Tree tree = grown(dice);
  if (!by_whiteout) tree.layers.back().push_back({"data/victim1", "last"});
  Tree other = tree;
  for (Entry& entry : other.layers[0]) {
    if (entry.path == "data/victim1") entry.content = dice.letters(9);
  }
  Pair pair =
      pair_of(by_whiteout ? "a file that a layer above removes" : "a file that is written anew", tree, other);
  pair.expected.planted = {{"content", "data/victim1", 1}};
  return pair;
}

Pair compressed(Dice& dice, const std::string& how) {
  const Tree tree = grown(dice);
  Pair pair = pair_of("compressed by " + how, tree, tree);
  pair.a.gzip = true;
  pair.b.gzip = true;
  if (how == "gzip with a time") pair.b.gzip_mtime = 7;
  if (how == "gzip of another level") {
    pair.a.pack = [](const std::string& tar) { return causes::gzip(tar, 0, "", 9); };
    pair.b.pack = [](const std::string& tar) { return causes::gzip(tar, 0, "", 1); };
  }
  if (how == "zstd") {
    pair.b.pack = [](const std::string& tar) { return causes::compressed(tar, "zstd", 3); };
    pair.b.layer_type = "application/vnd.oci.image.layer.v1.tar+zstd";
  }
  if (how == "nothing") pair.b.gzip = false;
  for (std::size_t layer = 1; layer <= tree.layers.size(); ++layer) {
    pair.expected.planted.push_back({"compression", "", layer});
    if (how == "zstd" || how == "nothing") pair.expected.planted.push_back({"mediatype", "", layer});
  }
  pair.expected.row = "A10";
  return pair;
}

Pair divided(Dice& dice, bool joined) {
  Tree tree = grown(dice);
  for (Layer& layer : tree.layers) {
    std::erase_if(layer, [](const Entry& entry) { return entry.path.find(".wh.") != std::string::npos; });
  }
  Tree other = tree;
  if (joined) {
    other.layers[0].insert(other.layers[0].end(), other.layers[1].begin(), other.layers[1].end());
    other.layers.erase(other.layers.begin() + 1);
  } else {
    Layer& first = other.layers[0];
    const auto middle = first.begin() + static_cast<std::ptrdiff_t>(4 + dice.below(first.size() - 4));
    const Layer rest(middle, first.end());
    first.erase(middle, first.end());
    other.layers.insert(other.layers.begin() + 1, rest);
  }
  Pair pair = pair_of(joined ? "two layers made one" : "one layer made two", tree, other);
  pair.expected.planted = {{"format", "", 0}};
  return pair;
}

Pair other_json(Dice& dice) {
  const Tree tree = grown(dice);
  Pair pair = pair_of("members of the configuration in another order", tree, tree);
  Json turned = Json::object();
  std::vector<std::string> keys;
  for (const auto& [key, value] : pair.b.more.items()) keys.insert(keys.begin(), key);
  for (const std::string& key : keys) turned[key] = pair.b.more[key];
  pair.b.more = turned;
  pair.expected.planted = {{"format", "", 0}};
  return pair;
}

Pair docker_archive(Dice& dice) {
  const Tree tree = grown(dice);
  Pair pair = pair_of("an archive of docker save", tree, tree);
  pair.form_b = Form::docker;
  pair.expected.planted = {{"mediatype", "", 0}};
  pair.expected.row = "A9";
  return pair;
}

Pair identical(Dice& dice, Form form) {
  const Tree tree = grown(dice);
  Pair pair = pair_of("the same image", tree, tree);
  pair.group = "equal images";
  pair.form_b = form;
  pair.expected.verdict = "identical";
  return pair;
}

// What hides a difference best: everything else is written in another way too.
void disguise(Tree& tree, ImageSpec& image, Dice& dice) {
  for (Layer& layer : tree.layers) {
    shuffle_order(layer, dice);
    for (Entry& entry : layer) entry.gnu = entry.gnu || entry.pax.empty();
  }
  const ImageSpec made = tree.image();
  image.tars = made.tars;
  image.gzip = true;
  image.layer_type = "application/vnd.docker.image.rootfs.diff.tar.gzip";
}

}  // namespace

Pairs representation_pairs(std::uint64_t seed) {
  Dice dice(seed);
  return {reordered(dice),
          written_by_gnu(dice),
          other_names(dice),
          other_pax_names(dice),
          other_padding(dice, false),
          other_padding(dice, true),
          swapped_link(dice),
          other_link_target(dice),
          repeated(dice),
          needless_whiteout(dice),
          hidden_below(dice, true),
          hidden_below(dice, false),
          compressed(dice, "gzip with a time"),
          compressed(dice, "gzip of another level"),
          compressed(dice, "zstd"),
          compressed(dice, "nothing"),
          divided(dice, false),
          divided(dice, true),
          other_json(dice),
          docker_archive(dice),
          identical(dice, Form::layout),
          identical(dice, Form::archive)};
}

Pairs hidden_pairs(std::uint64_t seed) {
  struct Change {
    const char* attribute;
    std::function<void(Entry&)> make;
  };
  const Change changes[] = {
      {"content", [](Entry& entry) { entry.content[0] = entry.content[0] == 'B' ? 'C' : 'B'; }},
      {"mode", [](Entry& entry) { entry.mode ^= 04000; }},
      {"uid", [](Entry& entry) { entry.uid += 1; }},
      {"mtime",
       [](Entry& entry) {
         entry.pax.erase("mtime");
         entry.mtime = 1'795'514'501;
       }},
      {"xattr", [](Entry& entry) { entry.pax["SCHILY.xattr.security.capability"] = "another"; }},
  };
  Pairs pairs;
  for (const Change& change : changes) {
    Dice dice(seed + pairs.size());
    const Tree tree = grown(dice);
    Tree other = tree;
    const std::size_t layer = dice.below(tree.layers.size());
    const std::vector<Entry*> files = other.plain(layer, '0');
    Entry& entry = *files.at(dice.below(files.size()));
    change.make(entry);
    Pair pair = pair_of(fmt::format("{} of {} in disguise", change.attribute, entry.path), tree, other);
    pair.group = "hidden among representation";
    pair.expected.verdict = "different";
    pair.expected.planted = {{change.attribute, entry.path, layer + 1}};
    disguise(other, pair.b, dice);
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

}  // namespace buildlab::corpus
