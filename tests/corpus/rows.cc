// The catalogue's rows inside images: the same cases that the recognisers' own tests hold.
#include "tests/corpus/trees.h"
#include "tests/unit/causes/row_case.h"
#include "tests/unit/causes_formats/samples.h"

namespace buildlab::corpus {
namespace {

// The same tree in both images, with a file of its own content in each.
Pair with_file(Dice& dice, const std::string& path, const std::string& a, const std::string& b) {
  Tree tree = grown(dice);
  const std::size_t layer = dice.below(tree.layers.size());
  Pair pair;
  tree.layers[layer].push_back({path, a});
  pair.a = tree.image();
  tree.layers[layer].back().content = b;
  pair.b = tree.image();
  pair.expected.verdict = "different";
  pair.expected.planted = {{"content", path, layer + 1}};
  if (a.size() != b.size()) pair.expected.planted.push_back({"size", path, layer + 1});
  return pair;
}

template <typename T>
void append(std::vector<T>& all, std::vector<T> more) {
  all.insert(all.end(), more.begin(), more.end());
}

// Members of archives have archives of their own below.
bool within_archive(const std::string& path) {
  return path.find('!') != std::string::npos;
}

Pair with_entry(Dice& dice, const causes::PresenceCase& example) {
  Tree tree = grown(dice);
  const std::size_t layer = dice.below(tree.layers.size());
  const bool whiteout = example.path.find("/.wh.") != std::string::npos;
  // Unpackers make the folder of a whiteout where it is not there.
  if (whiteout) {
    tree.layers[layer].push_back({example.path.substr(0, example.path.rfind('/') + 1), "", '5', "", 0755});
  }
  Pair pair;
  pair.a = tree.image();
  tree.layers[layer].push_back({example.path, "BCDF"});
  pair.b = tree.image();
  pair.expected.verdict = whiteout ? "representation" : "different";
  pair.expected.planted = {{"added", example.path, layer + 1}};
  pair.expected.row = example.row;
  return pair;
}

struct SampleCase {
  const char* row;  // "" for unknown
  const char* path;
  const char* a;  // of tests/data/causes: the first side of it …
  const char* b;  // … and the second side of this
};

constexpr SampleCase k_samples[] = {
    {"K7", "opt/a.tar", "tar_time", "tar_time"},
    {"C1", "lib/apk/db/scripts.tar", "tar_time", "tar_time"},
    {"", "lib/apk/db/scripts.tar", "tar_content", "tar_content"},
    {"K7", "opt/a.tar", "tar_order", "tar_order"},
    {"K7", "opt/a.tar", "tar_owner", "tar_owner"},
    {"K7", "opt/a.tar", "tar_format", "tar_format"},
    {"", "opt/a.tar", "tar_content", "tar_content"},
    {"H10", "usr/lib/libl.a", "ar_time", "ar_time"},
    {"K3", "opt/a.gz", "gzip", "gzip"},
    {"C7", "var/lib/x.db", "sqlite_counters", "sqlite_counters"},
    {"C8", "var/lib/dnf/history.sqlite", "sqlite_seconds", "sqlite_seconds"},
    {"C5", "var/lib/rpm/rpmdb.sqlite", "sqlite_header", "sqlite_header"},
    {"", "var/lib/x.db", "sqlite_rows", "sqlite_rows"},
    {"J1", "opt/app/trust.jks", "keystore_jks", "keystore_jks"},
    {"B14", "etc/ssl/certs/java/cacerts", "keystore_jks", "keystore_jks"},
    {"J2", "opt/x.p12", "keystore_pkcs12", "keystore_pkcs12"},
    {"K1", "src/.git/index", "git_index_2", "git_index_2"},
    {"K1", "src/.git/index", "git_index_4", "git_index_4"},
    {"B7", "var/cache/ldconfig/aux-cache", "aux_cache", "aux_cache"},
    {"H6", "usr/bin/d", "elf_date", "elf_date"},
    {"H7", "usr/bin/d", "elf_path", "elf_path"},
    {"H7", "usr/bin/d", "elf_path_moved", "elf_path_moved"},
    {"H7", "usr/bin/d", "elf_path_compressed", "elf_path_compressed"},
    {"H8", "lib/f.o", "elf_lto", "elf_lto"},
    {"", "usr/bin/d", "elf_text", "elf_text"},
    {"E1", "app/__pycache__/m.cpython-311.pyc", "pyc_time", "pyc_time"},
    {"E2", "app/m.pyc", "pyc_path", "pyc_path"},
    {"E3", "app/m.pyc", "pyc_pip_target", "pyc_pip_target"},
    {"E4", "app/m.pyc", "pyc_order", "pyc_order"},
    {"K4", "opt/app.zip", "zip_time", "zip_time"},
    {"J3", "opt/a.jar", "jar_time", "jar_time"},
    {"J4", "opt/app.zip", "zip_order", "zip_order"},
    {"J4", "opt/app.zip", "zip_mode", "zip_mode"},
    {"J3", "opt/app.jar", "zip_manifest", "zip_manifest"},
    {"J6", "opt/app.jar", "zip_properties", "zip_properties"},
    {"", "opt/app.zip", "zip_content", "zip_content"},
    {"", "opt/app.zip", "zip_member", "zip_member"},
};

}  // namespace

Pairs row_pairs(std::uint64_t seed) {
  Pairs pairs;
  std::vector<causes::RowCase> cases = causes::image_and_debian_cases();
  append(cases, causes::distribution_cases());
  append(cases, causes::language_cases());
  append(cases, causes::compiled_cases());
  for (const causes::RowCase& example : cases) {
    if (within_archive(example.path)) continue;
    Dice dice(seed + pairs.size());
    Pair pair = with_file(dice, example.path, example.a, example.b);
    pair.group = "rows of the catalogue";
    pair.name = example.row + " " + example.path;
    pair.expected.row = example.row;
    pairs.push_back(std::move(pair));
  }
  std::vector<causes::NearMiss> misses = causes::near_misses();
  append(misses, causes::compiled_near_misses());
  for (const causes::NearMiss& example : misses) {
    Dice dice(seed + pairs.size());
    Pair pair = with_file(dice, example.path, example.a, example.b);
    pair.group = "near misses of rows";
    pair.name = "not " + example.row + " " + example.path;
    pair.expected.not_row = example.row;
    pairs.push_back(std::move(pair));
  }
  for (const causes::PresenceCase& example : causes::presence_cases()) {
    if (example.entry != causes::EntryKind::file) continue;
    Dice dice(seed + pairs.size());
    Pair pair = with_entry(dice, example);
    pair.group = "entries of one image";
    pair.name = (example.row.empty() ? "no row " : example.row + " ") + example.path;
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

Pairs sample_pairs(std::uint64_t seed) {
  Pairs pairs;
  for (const SampleCase& example : k_samples) {
    Dice dice(seed + pairs.size());
    Pair pair = with_file(dice, example.path, causes::sample(example.a).a, causes::sample(example.b).b);
    pair.group = "files of real tools";
    pair.name = fmt::format("{} of {}", example.path, example.a);
    pair.expected.row = example.row;
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

}  // namespace buildlab::corpus
