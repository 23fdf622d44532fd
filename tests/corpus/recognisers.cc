// G1 to G11: each once where it fires and once where it must not.
#include "tests/corpus/trees.h"
#include "tests/unit/causes_formats/samples.h"

namespace buildlab::corpus {
namespace {

struct File {
  std::string path;
  std::string a;
  std::string b;
};

struct Case {
  const char* recogniser;
  const char* row;  // that is told first; "" for unknown
  std::vector<File> files;
  std::vector<std::string> followers = {};  // of `files`
  bool miss = false;
  std::vector<causes::Canary> canaries = {};
};

const std::string k_id_a = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const std::string k_id_b = "9a2504e0-4f89-4bd3-8a0c-0305e82c3377";

std::string binary(std::uint32_t moment, const std::string& rest = "") {
  return std::string("\1\2\3\0\0\0\0\0", 8) + causes::le(moment, 4) + std::string(20, '\0') + rest;
}

std::string debian_status(const std::string& version) {
  return "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: " + version + "\n\n";
}

std::string sums(const std::string& content, const std::string& same) {
  return sha256(content).hex() + "  app.bin\n" + sha256(same).hex() + "  same.txt\n";
}

// As ssh-keygen -l prints a key; without `kind` any sum of anything.
std::string key_line(char first, const std::string& kind) {
  return "3072 SHA256:" + std::string(1, first) + "HPbhkAhep79V5F3jT9YzgyrqweRLbM2u8AirqmQx+/ root@host" +
         kind + "\n";
}

std::vector<Case> cases() {
  const std::string early = "2026-11-24T10:00:00Z";
  const std::string late = "2026-11-24T10:01:41Z";
  const std::vector<causes::Canary> host{{"hostname", "buildlab-canary-host"}};
  const std::string status = "var/lib/dpkg/status";
  const std::string list = "/.\n/bin\n/bin/bash\n";
  const std::string folder = "usr/lib/python3/site-packages/";
  return {
      {"G5", "G5", {{"opt/info", "built " + early + "\n", "built " + late + "\n"}}},
      {"G5", "", {{"opt/info", "built " + early + " BC\n", "built " + late + " DF\n"}}, {}, true},
      {"G5", "", {{"opt/info", "size 1095514400\n", "size 1095514501\n"}}, {}, true},
      {"G6", "G6", {{"opt/cache.bin", binary(1'795'514'410), binary(1'795'514'510)}}},
      {"G6", "", {{"opt/cache.bin", binary(1'095'514'410), binary(1'095'514'510)}}, {}, true},
      {"G6", "", {{"opt/cache.bin", binary(1'795'514'410, "BC"), binary(1'795'514'510, "DF")}}, {}, true},
      {"G7", "G7", {{"opt/info", "id: " + k_id_a + "\n", "id: " + k_id_b + "\n"}}},
      {"G7", "G7", {{"opt/info", "cd /tmp/build-aX93kd2/src\n", "cd /tmp/build-Qm27cc1/src\n"}}},
      {"G7", "G7", {{"var/log/keys", key_line('j', " (RSA)"), key_line('z', " (RSA)")}}},
      {"G7", "", {{"var/log/keys", key_line('j', ""), key_line('z', "")}}, {}, true},
      {"G7", "", {{"opt/info", "id: " + k_id_a + " BC\n", "id: " + k_id_b + " DF\n"}}, {}, true},
      {"G8", "G8", {{"opt/info", "b\nc\nd\nf\n", "b\nd\nc\nf\n"}}},
      {"G8", "G8", {{"opt/info.json", R"({"x":[1,2],"y":null})", R"({"y":null,"x":[2,1]})"}}},
      {"G8", "", {{"opt/info", "b\nc\nc\n", "b\nb\nc\n"}}, {}, true},
      {"G9", "G9", {{"opt/info", "host=buildkitsandbox\n", "host=buildlab-canary-host\n"}}, {}, false, host},
      {"G9", "", {{"opt/info", "host=one\n", "host=two\n"}}, {}, true, host},
      {"G10",
       "",
       {{"opt/app.bin", "BCD\n", "BCF\n"}, {"opt/SHA256SUMS", sums("BCD\n", "K\n"), sums("BCF\n", "K\n")}},
       {"opt/SHA256SUMS"}},
      {"G10",
       "",
       {{folder + "x/a.py", "B = 1\n", "B = 2\n"},
        {folder + "x-1.dist-info/RECORD", "x/a.py,sha256=aa,6\n", "x/a.py,sha256=bb,6\n"}},
       {folder + "x-1.dist-info/RECORD"}},
      // The list names another file than the one that differs.
      {"G10", "", {{"opt/SHA256SUMS", sums("BCD\n", "K\n"), sums("BCD\n", "L\n")}}, {}, true},
      {"G11",
       "B27",
       {{status, debian_status("5.2-1"), debian_status("5.2-2")},
        {"bin/bash", "BCD", "BCF"},
        {"var/lib/dpkg/info/bash.list", list, list}},
       {"bin/bash"}},
      {"G11",
       "C4",
       {{"lib/apk/db/installed", "P:musl\nV:1.2.4\nF:lib\nR:ld-musl.so\n\n",
         "P:musl\nV:1.2.5\nF:lib\nR:ld-musl.so\n\n"},
        {"lib/ld-musl.so", "BCD", "BCF"}},
       {"lib/ld-musl.so"}},
      {"G11",
       "F5",
       {{"app/node_modules/x/package.json", R"({"name":"x","version":"1.0.0"})",
         R"({"name":"x","version":"1.0.1"})"},
        {"app/node_modules/x/index.js", "BCD", "BCF"}},
       {"app/node_modules/x/index.js"}},
      // The same versions explain nothing.
      {"G11", "", {{status, debian_status("5.2-1") + "B: C\n", debian_status("5.2-1") + "B: D\n"}}, {}, true},
  };
}

Pair pair_of(const Case& example, Dice& dice) {
  Tree tree = grown(dice);
  Tree other = tree;
  const std::size_t layer = dice.below(tree.layers.size());
  Pair pair;
  pair.group = example.miss ? "near misses of recognisers" : "recognisers";
  pair.name = fmt::format("{} {}", example.recogniser, example.files.front().path);
  pair.expected.verdict = "different";
  pair.expected.row = example.row;
  pair.expected.followers = example.followers;
  pair.canaries = example.canaries;
  if (example.miss) pair.expected.not_row = example.recogniser;
  for (const File& file : example.files) {
    tree.layers[layer].push_back({file.path, file.a});
    other.layers[layer].push_back({file.path, file.b});
    if (file.a != file.b) pair.expected.planted.push_back({"content", file.path, layer + 1});
  }
  pair.a = tree.image();
  pair.b = other.image();
  return pair;
}

// Times of entries, compression, order and links have their pairs in attributes.cc and representations.cc;
// here what looks like them.
Pair time_beside_content(Dice& dice) {
  Tree tree = grown(dice);
  Tree other = tree;
  Entry& entry = *other.plain(0, '0').at(0);
  entry.mtime += 5;
  entry.pax["mtime"] = fmt::format("{}", entry.mtime);
  entry.content[0] = entry.content[0] == 'B' ? 'C' : 'B';
  Pair pair;
  pair.name = "G1 beside a content";
  pair.a = tree.image();
  pair.b = other.image();
  pair.expected.planted = {{"content", entry.path, 1}, {"mtime", entry.path, 1}};
  return pair;
}

Pair compression_beside_content(Dice& dice) {
  Pair pair = time_beside_content(dice);
  pair.name = "G2 beside a content";
  pair.b.gzip = true;
  pair.b.gzip_mtime = 9;
  return pair;
}

Pair order_beside_content(Dice& dice) {
  Tree tree = grown(dice);
  Tree other = tree;
  Entry& one = *other.plain(0, '0').at(0);
  Entry& another = *other.plain(0, '0').at(3);
  std::swap(one, another);
  one.content += "BCD";
  Pair pair;
  pair.name = "G3 beside a content";
  pair.a = tree.image();
  pair.b = other.image();
  pair.expected.planted = {{"content", one.path, 1}, {"order", "", 1}};
  return pair;
}

Pair link_beside_content(Dice& dice) {
  Tree tree = grown(dice);
  Tree other = tree;
  for (Entry& entry : other.layers[0]) {
    if (entry.path == "data/same") entry = {"data/same", "DIFFERENT"};
  }
  Pair pair;
  pair.name = "G4 beside a content";
  pair.a = tree.image();
  pair.b = other.image();
  pair.expected.planted = {{"content", "data/same", 1}, {"nlink", "data/same", 1}};
  return pair;
}

}  // namespace

Pairs recogniser_pairs(std::uint64_t seed) {
  Pairs pairs;
  for (const Case& example : cases()) {
    Dice dice(seed + pairs.size());
    pairs.push_back(pair_of(example, dice));
  }
  Dice dice(seed);
  for (Pair pair : {time_beside_content(dice), compression_beside_content(dice), order_beside_content(dice),
                    link_beside_content(dice)}) {
    pair.group = "near misses of recognisers";
    pair.expected.verdict = "different";
    pair.expected.row = "";
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

}  // namespace buildlab::corpus
