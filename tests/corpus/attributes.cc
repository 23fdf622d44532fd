// One attribute of one entry, or one value of one document.
#include <functional>

#include "tests/corpus/trees.h"

namespace buildlab::corpus {
namespace {

struct Change {
  const char* attribute;
  const char* row;                                  // "" for unknown
  char type;                                        // of the entry
  std::function<void(Entry&, Entry&, Dice&)> make;  // sets both sides
  std::int64_t epoch = 0;
};

std::string other_letter(std::string text, std::size_t at) {
  text[at] = text[at] == 'B' ? 'C' : 'B';
  return text;
}

void set_xattr(Entry& entry, const std::string& name, const std::string& value) {
  entry.pax["SCHILY.xattr." + name] = value;
}

const std::string k_capability_a("\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
const std::string k_capability_b("\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);

std::vector<Change> changes_of_contents() {
  return {
      {"content", "", '0',
       [](Entry&, Entry& b, Dice& dice) {
         b.content = other_letter(b.content, dice.below(b.content.size()));
       }},
      {"size", "", '0', [](Entry&, Entry& b, Dice& dice) { b.content += dice.letters(1 + dice.below(700)); }},
      {"type", "", '0',
       [](Entry&, Entry& b, Dice&) {
         b.type = '2';
         b.link = "elsewhere";
         b.content.clear();
       }},
      {"type", "", '2',
       [](Entry&, Entry& b, Dice&) {
         b.type = '5';
         b.link.clear();
       }},
      {"type", "", '3', [](Entry&, Entry& b, Dice&) { b.type = '4'; }},
      {"linktarget", "", '2', [](Entry&, Entry& b, Dice& dice) { b.link = "to/" + dice.letters(5); }},
      {"device", "", '3', [](Entry&, Entry& b, Dice&) { b.device_minor += 1; }},
      {"device", "", '3', [](Entry&, Entry& b, Dice&) { b.device_major += 4; }},
  };
}

std::vector<Change> changes_of_owners() {
  const auto mode = [](unsigned a, unsigned b) {
    return [=](Entry& in_a, Entry& in_b, Dice&) {
      in_a.mode = a;
      in_b.mode = b;
    };
  };
  const auto ids = [](unsigned Entry::*which, unsigned a, unsigned b) {
    return [=](Entry& in_a, Entry& in_b, Dice&) {
      in_a.*which = a;
      in_b.*which = b;
    };
  };
  const auto name = [](std::string Entry::*which) {
    return [=](Entry& in_a, Entry& in_b, Dice& dice) {
      in_a.*which = dice.letters(4);
      in_b.*which = dice.letters(5);
    };
  };
  return {
      {"mode", "A19", '0', mode(0644, 0664)},         {"mode", "A19", '5', mode(0755, 0775)},
      {"mode", "A20", '0', mode(0666, 0644)},         {"mode", "A21", '5', mode(0755, 02755)},
      {"mode", "", '0', mode(0755, 04755)},           {"mode", "", '0', mode(0644, 0755)},
      {"mode", "A19", '0', mode(0644, 0600)},         {"uid", "D3", '0', ids(&Entry::uid, 1000, 1001)},
      {"uid", "A22", '0', ids(&Entry::uid, 0, 1000)}, {"gid", "D3", '0', ids(&Entry::gid, 101, 102)},
      {"gid", "A22", '5', ids(&Entry::gid, 0, 5)},    {"uname", "A22", '0', name(&Entry::uname)},
      {"gname", "A22", '0', name(&Entry::gname)},
  };
}

std::vector<Change> changes_of_times() {
  const auto seconds = [](std::int64_t a, std::int64_t b) {
    return [=](Entry& in_a, Entry& in_b, Dice&) {
      in_a.pax.erase("mtime");
      in_b.pax.erase("mtime");
      in_a.mtime = a;
      in_b.mtime = b;
    };
  };
  const auto record = [](const char* key, const char* a, const char* b) {
    return [=](Entry& in_a, Entry& in_b, Dice&) {
      if (*a != '\0') in_a.pax[key] = a;
      in_b.pax[key] = b;
    };
  };
  constexpr std::int64_t k_epoch = 1'700'000'000;
  return {
      {"mtime", "G1", '0', seconds(1'795'514'401, 1'795'514'501)},
      {"mtime", "G1", '0', seconds(1'795'514'401, 1'795'514'501), k_epoch},
      {"mtime", "G1", '0', seconds(k_epoch, 1'795'514'501), k_epoch},
      {"mtime", "A18", '0', seconds(1'600'000'000, 1'600'000'001), k_epoch},
      {"mtime", "A12", '5', seconds(1'795'514'401, 1'795'514'501)},
      {"mtime", "A18", '5', seconds(1'600'000'000, 1'600'000'001), k_epoch},
      {"mtime", "G1", '2', seconds(1'795'514'401, 1'795'514'501)},
      {"mtime", "G1", '0', record("mtime", "1600000000.1", "1600000000.100000001")},
      {"atime", "A31", '0', record("atime", "1795514401.5", "1795514501")},
      {"atime", "A31", '0', record("atime", "", "1795514501")},
      {"ctime", "A31", '0', record("ctime", "1795514401.5", "1795514501")},
      {"ctime", "A31", '5', record("ctime", "", "1795514501")},
  };
}

std::vector<Change> changes_of_xattrs() {
  const auto both = [](const char* name, const std::string& a, const std::string& b) {
    return [=](Entry& in_a, Entry& in_b, Dice&) {
      set_xattr(in_a, name, a);
      set_xattr(in_b, name, b);
    };
  };
  return {
      {"xattr", "A23", '0', both("security.capability", k_capability_a, k_capability_b)},
      {"xattr", "A23", '0',
       [](Entry& a, Entry& b, Dice&) {
         set_xattr(a, "security.capability", k_capability_a);
         b.pax.erase("SCHILY.xattr.security.capability");
         a.pax["SCHILY.xattr.user.keep"] = b.pax["SCHILY.xattr.user.keep"] = "x";
       }},
      {"xattr", "A23", '0', both("security.selinux", "system_u:a", "system_u:b")},
      {"xattr", "A23", '5', both("user.overlay.opaque", "y", "n")},
      {"xattr", "A23", '0', both("trusted.own", "1", "2")},
      {"xattr", "A23", '0', both("user.empty", "", "1")},
  };
}

Pair pair_of(const Change& change, std::uint64_t seed) {
  Dice dice(seed);
  Tree tree = grown(dice);
  Tree other = tree;
  std::size_t layer = dice.below(tree.layers.size());
  if (tree.plain(layer, change.type).empty()) layer = 0;  // which has every type
  const std::size_t which = dice.below(tree.plain(layer, change.type).size());
  Entry& a = *tree.plain(layer, change.type).at(which);
  Entry& b = *other.plain(layer, change.type).at(which);
  change.make(a, b, dice);
  std::string path = a.path;
  if (path.ends_with('/')) path.pop_back();
  Pair pair;
  pair.group = "one attribute";
  pair.name = fmt::format("{} of {}", change.attribute, path);
  pair.a = tree.image();
  pair.b = other.image();
  pair.expected.verdict = "different";
  pair.expected.planted = {{change.attribute, path, layer + 1}};
  if (a.content.size() != b.content.size()) pair.expected.planted.push_back({"content", path, layer + 1});
  if (a.type != b.type)
    pair.expected.planted.erase(pair.expected.planted.begin() + 1, pair.expected.planted.end());
  pair.expected.row = change.row;
  if (change.epoch != 0) pair.epoch = change.epoch;
  return pair;
}

Pair presence_of(Dice& dice, bool missing, char type) {
  Tree tree = grown(dice);
  Tree more = tree;
  const std::size_t layer = dice.below(tree.layers.size());
  Entry entry{"data/new" + dice.letters(6) + (type == '5' ? "/" : ""), "", type};
  if (type == '0') entry.content = dice.letters(50);
  if (type == '2') entry.link = "data/bin";
  if (type == '1') entry.link = "data/origin";
  std::vector<Entry>& entries = more.layers[layer];
  // A hard link has to stand behind what it names.
  const std::size_t at = type == '1' ? entries.size() : dice.below(entries.size() + 1);
  entries.insert(entries.begin() + static_cast<std::ptrdiff_t>(at), entry);
  std::string path = entry.path;
  if (type == '5') path.pop_back();
  Pair pair;
  pair.group = "one attribute";
  pair.name = fmt::format("{} {} of type {}", missing ? "missing" : "added", path, type);
  pair.a = (missing ? more : tree).image();
  pair.b = (missing ? tree : more).image();
  pair.expected.verdict = "different";
  pair.expected.planted = {{missing ? "missing" : "added", path, layer + 1}};
  pair.expected.row = "";
  return pair;
}

// A hard link that becomes a file of its own with the same bytes.
Pair link_count(Dice& dice) {
  Tree tree = grown(dice);
  Tree other = tree;
  Pair pair;
  pair.group = "one attribute";
  pair.name = "nlink of data/same";
  for (Entry& entry : other.layers[0]) {
    if (entry.path != "data/same") continue;
    for (const Entry& origin : tree.layers[0]) {
      if (origin.path != "data/origin") continue;
      entry = origin;
      entry.path = "data/same";
    }
  }
  pair.a = tree.image();
  pair.b = other.image();
  pair.expected.verdict = "different";
  pair.expected.planted = {{"nlink", "data/same", 1}};
  pair.expected.row = "A16";
  return pair;
}

struct DocumentChange {
  const char* attribute;
  const char* row;
  std::function<void(ImageSpec&, ImageSpec&)> make;
  const char* verdict = "different";
};

std::vector<DocumentChange> changes_of_documents() {
  const auto member = [](const char* key, Json value) {
    return [key, value](ImageSpec&, ImageSpec& b) { b.config[key] = value; };
  };
  const auto top = [](const char* key, Json a, Json b) {
    return [=](ImageSpec& in_a, ImageSpec& in_b) {
      if (!a.is_null()) in_a.more[key] = a;
      in_b.more[key] = b;
    };
  };
  const auto label = [](const char* key, const char* a, const char* b) {
    return [=](ImageSpec& in_a, ImageSpec& in_b) {
      if (*a != '\0') in_a.config["Labels"][key] = a;
      in_b.config["Labels"][key] = b;
    };
  };
  const auto note = [](const char* key, const char* a, const char* b) {
    return [=](ImageSpec& in_a, ImageSpec& in_b) {
      in_a.annotations = {{"kept", "x"}};
      in_b.annotations = in_a.annotations;
      if (*a != '\0') in_a.annotations[key] = a;
      in_b.annotations[key] = b;
    };
  };
  const auto history = [](const char* key, const char* b) {
    return [=](ImageSpec&, ImageSpec& in_b) { in_b.more["history"][0][key] = b; };
  };
  constexpr const char* k_then = "2026-11-24T10:00:00Z";
  constexpr const char* k_later = "2026-11-24T10:01:41Z";
  return {
      {"config.Env", "", member("Env", Json::array({"PATH=/sbin"}))},
      {"config.Env", "G5",
       [=](ImageSpec& a, ImageSpec& b) {
         a.config["Env"] = Json::array({std::string("BUILT=") + k_then});
         b.config["Env"] = Json::array({std::string("BUILT=") + k_later});
       }},
      {"config.Cmd", "", member("Cmd", Json::array({"other"}))},
      {"config.Entrypoint", "", member("Entrypoint", Json::array({"run"}))},
      {"config.User", "", member("User", "root")},
      {"config.WorkingDir", "", member("WorkingDir", "/")},
      {"config.ExposedPorts", "", member("ExposedPorts", {{"80/tcp", Json::object()}})},
      {"config.Volumes", "", member("Volumes", {{"/v", Json::object()}})},
      {"config.StopSignal", "", member("StopSignal", "SIGINT")},
      {"config.Healthcheck", "", member("Healthcheck", {{"Test", Json::array({"CMD"})}})},
      {"config.Labels", "", label("team", "", "blue")},
      {"config.Labels", "A3", label("org.opencontainers.image.created", k_then, k_later)},
      {"config.Labels", "A4", label("org.opencontainers.image.revision", "abcd", "abce")},
      {"config.Labels", "A4", label("io.buildah.version", "", "1.41")},
      {"config.created", "A1", top("created", k_then, k_later)},
      {"config.author", "", top("author", nullptr, "me")},
      {"config.os.version", "", top("os.version", nullptr, "10.0")},
      {"config.moby.buildkit.cache.v0", "A8", top("moby.buildkit.cache.v0", nullptr, "e30=")},
      {"history", "A2", history("created", k_later)},
      {"history", "", history("created_by", "another step")},
      {"history", "", history("comment", "hand made")},
      {"annotation", "", note("my.key", "one", "two"), "representation"},
      {"annotation", "A3", note("org.opencontainers.image.created", k_then, k_later), "representation"},
      {"annotation", "A5", note("org.opencontainers.image.ref.name", "", "app:1"), "representation"},
      {"annotation", "A6", note("vnd.docker.reference.digest", "", "sha256:0"), "representation"},
      {"annotation", "A29", note("org.opencontainers.image.base.digest", "sha256:1", "sha256:2"),
       "representation"},
      {"annotation", "A11",
       [](ImageSpec& a, ImageSpec& b) {
         a.layer_annotations = {{"kept", "x"}};
         b.layer_annotations = {{"kept", "x"}, {"buildkit/rewritten-timestamp", "1700000000"}};
       },
       "representation"},
      {"mediatype", "A9",
       [](ImageSpec&, ImageSpec& b) { b.layer_type = "application/vnd.docker.image.rootfs.diff.tar"; },
       "representation"},
  };
}

// What belongs to a layer and to no path of it.
std::size_t layer_of(const std::string& attribute, const std::string& row) {
  return attribute == "mediatype" || row == "A11" ? 1 : 0;
}

}  // namespace

Pairs attribute_pairs(std::uint64_t seed) {
  Pairs pairs;
  for (const auto& changes :
       {changes_of_contents(), changes_of_owners(), changes_of_times(), changes_of_xattrs()}) {
    for (const Change& change : changes) pairs.push_back(pair_of(change, seed + pairs.size()));
  }
  for (const char type : {'0', '2', '5', '1', '6'}) {
    for (const bool missing : {true, false}) {
      Dice dice(seed + pairs.size());
      pairs.push_back(presence_of(dice, missing, type));
    }
  }
  Dice dice(seed + pairs.size());
  pairs.push_back(link_count(dice));
  for (const DocumentChange& change : changes_of_documents()) {
    Tree tree = grown(dice);
    Pair pair;
    pair.group = "one value of a document";
    pair.name = fmt::format("{} as {}", change.attribute, *change.row == '\0' ? "unknown" : change.row);
    pair.a = tree.image();
    pair.b = tree.image();
    change.make(pair.a, pair.b);
    pair.expected.verdict = change.verdict;
    pair.expected.planted = {{change.attribute, "", layer_of(change.attribute, change.row)}};
    pair.expected.row = change.row;
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

}  // namespace buildlab::corpus
