#include "tests/corpus/trees.h"

#include <map>
#include <set>

#include "framework/base/base64.h"

namespace buildlab::corpus {
namespace {

constexpr std::int64_t k_sources = 1'600'000'000;
constexpr std::size_t k_entries = 14;

std::string capability(Dice& dice) {
  // Version 2 of the kernel's struct vfs_cap_data; the permitted set is the dice's.
  std::string value("\1\0\0\2", 4);
  value += static_cast<char>(1 + dice.below(120));
  return value + std::string(15, '\0');
}

Entry file(Dice& dice, const std::string& path) {
  Entry entry{path, dice.letters(dice.below(900) + 1)};
  entry.mode = dice.one_in(3) ? 0755 : 0644;
  entry.mtime = k_sources + static_cast<std::int64_t>(dice.below(1'000'000));
  if (dice.one_in(4)) entry.uid = entry.gid = 1000;
  if (dice.one_in(4)) entry.uname = entry.gname = "app";
  if (dice.one_in(6)) entry.pax["SCHILY.xattr.security.capability"] = capability(dice);
  if (dice.one_in(8)) entry.pax["SCHILY.xattr.user.note"] = dice.letters(5);
  if (dice.one_in(8)) entry.pax["mtime"] = fmt::format("{}.{:09}", entry.mtime, dice.below(1'000'000'000));
  return entry;
}

Layer first_layer(Dice& dice) {
  Layer layer{{"data/", "", '5', "", 0755}};
  for (const char* folder : {"data/bin/", "data/lib/", "data/empty/"}) {
    layer.push_back({folder, "", '5', "", 0755});
  }
  for (std::size_t i = 0; i < k_entries; ++i) {
    layer.push_back(
        file(dice, fmt::format("data/{}/f{:02}{}", i % 2 == 0 ? "bin" : "lib", i, dice.letters(3))));
  }
  layer.push_back({"data/link", "", '2', "bin/" + dice.letters(4), 0777});
  layer.push_back({"data/origin", dice.letters(40)});
  layer.push_back({"data/same", "", '1', "data/origin"});
  Entry device{"data/device", "", '3'};
  device.device_major = 1;
  device.device_minor = static_cast<unsigned>(dice.below(9) + 1);
  layer.push_back(device);
  layer.push_back({"data/queue", "", '6'});
  layer.push_back({"data/victim1", dice.letters(9)});
  layer.push_back({"data/victim2", dice.letters(9)});
  return layer;
}

Layer next_layer(Dice& dice, std::size_t number) {
  const std::string folder = fmt::format("data/step{}/", number);
  Layer layer{{"data/", "", '5', "", 0755}, {folder, "", '5', "", 0755}};
  for (std::size_t i = 0; i < k_entries / 2; ++i) {
    layer.push_back(file(dice, folder + fmt::format("g{:02}{}", i, dice.letters(3))));
  }
  layer.push_back({folder + "link", "", '2', "../" + dice.letters(4), 0777});
  layer.push_back({folder + "origin", dice.letters(30)});
  layer.push_back({folder + "same", "", '1', folder + "origin"});
  // A name of a file in the first layer.
  layer.push_back({folder + "other", "", '1', "data/origin"});
  if (number <= 3) layer.push_back({fmt::format("data/.wh.victim{}", number - 1), ""});
  if (dice.one_in(2)) layer.push_back({"data/empty/.wh..wh..opq", ""});
  // The same path twice: the last one counts.
  layer.push_back(file(dice, folder + "twice"));
  layer.push_back(file(dice, folder + "twice"));
  return layer;
}

std::string dockerfile_of(std::size_t layers) {
  std::string text = "FROM scratch\n";
  for (std::size_t layer = 1; layer <= layers; ++layer) {
    text += layer % 2 == 1 ? fmt::format("COPY part{} /\n", layer)
                           : fmt::format("RUN make part{} && \\\n  install part{}\n", layer, layer);
  }
  return text;
}

}  // namespace

std::string Dice::letters(std::size_t count) {
  // No vowels and no digits: nothing that looks like a word, a time or a number.
  constexpr std::string_view k_letters = "BCDFGHJKLMNPQRSTVWXZ";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += k_letters[below(k_letters.size())];
  return text;
}

std::vector<Entry*> Tree::plain(std::size_t layer, char type) {
  std::map<std::string, int> count;
  std::set<std::string> named;
  for (const Layer& all : layers) {
    for (const Entry& entry : all) {
      ++count[entry.path];
      if (entry.type == '1') named.insert(entry.link);
    }
  }
  std::vector<Entry*> found;
  for (Entry& entry : layers.at(layer)) {
    const bool whiteout =
        entry.path.find(".wh.") != std::string::npos || entry.path.find("victim") != std::string::npos;
    if (entry.type == type && count[entry.path] == 1 && !named.contains(entry.path) && !whiteout) {
      found.push_back(&entry);
    }
  }
  return found;
}

ImageSpec Tree::image() const {
  ImageSpec spec;
  for (const Layer& layer : layers) spec.tars.push_back(synthetic::tar_of(layer));
  spec.gzip = false;
  Json history = Json::array();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    history.push_back({{"created", "2026-01-01T00:00:00Z"}, {"created_by", fmt::format("step {}", i + 1)}});
  }
  spec.more = {{"created", "2026-01-01T00:00:00Z"}, {"history", history}};
  spec.config = {{"Env", Json::array({"PATH=/bin"})},
                 {"Cmd", Json::array({"app"})},
                 {"User", "app"},
                 {"WorkingDir", "/data"},
                 {"Labels", {{"team", "red"}}}};
  return spec;
}

Tree grown(Dice& dice) {
  Tree tree;
  tree.layers.push_back(first_layer(dice));
  const std::size_t more = 1 + dice.below(3);
  for (std::size_t i = 0; i < more; ++i) tree.layers.push_back(next_layer(dice, i + 2));
  return tree;
}

Lines lines_of(std::size_t layer) {
  const int first = 2 + static_cast<int>(layer - 1) + static_cast<int>((layer - 1) / 2);
  return {first, layer % 2 == 1 ? first : first + 1};
}

std::string provenance_of(std::size_t layers, const std::string& started) {
  Json steps = Json::array();
  Json mapping = Json::object();
  Json locations = Json::object();
  Json chains = Json::object();
  Json chain = Json::array();
  for (std::size_t layer = 1; layer <= layers; ++layer) {
    const std::string id = fmt::format("step{}", layer);
    Json step{{"id", id}};
    if (layer > 1) step["inputs"] = Json::array({fmt::format("step{}:0", layer - 1)});
    steps.push_back(step);
    mapping[sha256(id).text()] = id;
    const Lines lines = lines_of(layer);
    const Json range{{"start", {{"line", lines.first}}}, {"end", {{"line", lines.last}}}};
    locations[id] = {{"locations", Json::array({{{"ranges", Json::array({range})}}})}};
    chain.push_back({{"digest", sha256(id).text()}});
    chains[id + ":0"] = Json::array({chain});
  }
  const Json source{{"locations", locations},
                    {"infos", Json::array({{{"filename", "Dockerfile"},
                                            {"language", "Dockerfile"},
                                            {"data", base64_encode(dockerfile_of(layers))}}})}};
  const std::string finished = started.substr(0, 17) + "59Z";
  const Json predicate{
      {"buildDefinition",
       {{"internalParameters", {{"buildConfig", {{"llbDefinition", steps}, {"digestMapping", mapping}}}}},
        {"resolvedDependencies", Json::array()}}},
      {"runDetails",
       {{"metadata",
         {{"startedOn", started},
          {"finishedOn", finished},
          {"buildkit_metadata", {{"source", source}, {"layers", chains}}}}}}}};
  return to_line(predicate);
}

}  // namespace buildlab::corpus
