// Lists of sums whose files differ too.
#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <map>

#include "framework/base/digest.h"
#include "framework/base/text.h"
#include "framework/causes/evidence.h"
#include "framework/causes/folding.h"
#include "framework/causes/generic.h"
#include "framework/causes/paths.h"
#include "framework/causes/scan.h"

namespace buildlab::causes {
namespace {

constexpr std::size_t k_shown_files = 3;
constexpr std::string_view k_single_sums = "*.sha1 *.sha256 *.sha512 *.md5 *.sha256sum *.sha512sum *.md5sum";

bool is_sum_length(std::size_t length) {
  constexpr std::array<std::size_t, 6> lengths = {32, 40, 56, 64, 96, 128};
  return std::find(lengths.begin(), lengths.end(), length) != lengths.end();
}

bool is_sum(std::string_view word) {
  return is_sum_length(word.size()) && std::all_of(word.begin(), word.end(), is_hex);
}

struct SumList {
  std::string_view path;
  std::string_view a;
  std::string_view b;
};

struct ListedFile {
  std::string name;
  std::string rest;  // the line without its sum
};

// "<sum>  name", "<sum> *name", "SHA256 (name) = <sum>".
std::optional<ListedFile> summed_name(std::string_view line) {
  line = trim(line);
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  if (is_sum(line.substr(0, blank))) {
    std::string_view name = line.substr(blank);
    while (name.starts_with(' ') || name.starts_with('*')) name.remove_prefix(1);
    if (name.empty()) return std::nullopt;
    return ListedFile{std::string(name), std::string(name)};
  }
  const std::size_t open = line.find(" (");
  const std::size_t close = line.rfind(") = ");
  if (open != std::string_view::npos && close != std::string_view::npos && open + 2 < close &&
      is_sum(line.substr(close + 4))) {
    return ListedFile{std::string(line.substr(open + 2, close - open - 2)),
                      std::string(line.substr(0, close))};
  }
  return std::nullopt;
}

// RECORD: "path,sha256=…,size" with nothing but the path kept.
std::optional<ListedFile> recorded_name(std::string_view line) {
  line = trim(line);
  std::string_view name = line.substr(0, line.find(','));
  if (line.starts_with('"')) name = line.substr(1, std::min(line.find('"', 1), line.size()) - 1);
  if (name.empty() || name.size() == line.size()) return std::nullopt;
  return ListedFile{std::string(name), std::string(name)};
}

// Where a list's names may start from.
std::vector<std::string> places_for(std::string_view list, std::string_view name) {
  std::vector<std::string> places;
  const std::string_view folder = parent_path(list);
  std::string root;
  if (const std::size_t at = list.rfind("var/lib/dpkg/"); at != std::string_view::npos)
    root = list.substr(0, at);
  for (const std::string& base : {std::string(folder), std::string(parent_path(folder)), root}) {
    auto plain = plain_path(base + "/" + std::string(name));
    if (plain) places.push_back(std::move(*plain));
  }
  return places;
}

std::optional<std::string> differing_place(const Fold& fold, std::string_view list, std::string_view name) {
  for (std::string& place : places_for(list, name)) {
    if (place != list && fold.is_other(place)) return std::move(place);
  }
  return std::nullopt;
}

void claim_sums(Fold& fold, std::size_t index, const std::vector<std::string>& files) {
  const std::string& path = fold.known()[index].path;
  std::string text = "lists " + shown(files.front(), 160);
  const std::size_t shown_files = std::min(files.size(), k_shown_files);
  for (std::size_t i = 1; i < shown_files; ++i) text += ", " + shown(files[i], 160);
  if (files.size() > shown_files) text += fmt::format(" and {} more", files.size() - shown_files);
  Cause cause = derived("lists the sums of files that differ", files.front(), text + ", which differ");
  if (matches_path("*.dist-info/RECORD", path)) cause.row = "E6";
  cause.proven = true;
  fold.claim(index, cause);
}

// ListedFile by line under its name; in any order, and a name may be new.
std::optional<std::vector<std::string>> explained_lines(const Fold& fold, const SumList& list,
                                                        std::optional<ListedFile> (*read)(std::string_view)) {
  struct Both {
    std::vector<std::string_view> a;
    std::vector<std::string_view> b;
    std::string rest_a;
    std::string rest_b;
  };
  std::map<std::string, Both> names;
  for (const bool first : {true, false}) {
    for (const std::string_view line : split(first ? list.a : list.b, '\n')) {
      if (trim(line).empty()) continue;
      const auto named = read(line);
      // A line of another form must stand in both.
      Both& both = names[named ? named->name : "\n" + std::string(line)];
      (first ? both.a : both.b).push_back(line);
      (first ? both.rest_a : both.rest_b) += named ? named->rest : "";
    }
  }
  std::vector<std::string> files;
  for (auto& [name, both] : names) {
    std::sort(both.a.begin(), both.a.end());
    std::sort(both.b.begin(), both.b.end());
    if (both.a == both.b) continue;
    if (name.starts_with('\n')) return std::nullopt;
    const auto place = differing_place(fold, list.path, name);
    if (!place) return std::nullopt;
    const bool in_both = !both.a.empty() && !both.b.empty();
    if (in_both ? both.rest_a != both.rest_b : !fold.is_one_sided(*place)) return std::nullopt;
    files.push_back(*place);
  }
  if (files.empty()) return std::nullopt;
  return files;
}

// lib/apk/db/installed: "Z:" is the sum of the last "R:" in the last "F:".
std::optional<std::vector<std::string>> explained_installed(const Fold& fold, const SumList& list) {
  const auto a = split(list.a, '\n');
  const auto b = split(list.b, '\n');
  if (a.size() != b.size()) return std::nullopt;
  const std::string root(list.path.substr(0, list.path.rfind("lib/apk/db/installed")));
  std::vector<std::string> files;
  std::string_view folder;
  std::string_view name;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].starts_with("F:")) folder = a[i].substr(2);
    if (a[i].starts_with("R:")) name = a[i].substr(2);
    if (a[i] == b[i]) continue;
    if (!a[i].starts_with("Z:") || !b[i].starts_with("Z:")) return std::nullopt;
    const std::string path = root + (folder.empty() ? "" : std::string(folder) + "/") + std::string(name);
    if (!fold.is_other(path)) return std::nullopt;
    files.push_back(path);
  }
  if (files.empty()) return std::nullopt;
  return files;
}

// "name.sha256" with nothing but the sum.
std::optional<std::vector<std::string>> explained_single(const Fold& fold, const SumList& list) {
  if (!is_sum(trim(list.a)) || !is_sum(trim(list.b))) return std::nullopt;
  const std::string file(list.path.substr(0, list.path.rfind('.')));
  if (!fold.is_other(file)) return std::nullopt;
  return std::vector<std::string>{file};
}

// A SHA-256 anywhere in a text, which is that of another difference's content on both sides.
class Digests {
 public:
  explicit Digests(const Fold& fold) : m_fold(fold) {}

  std::optional<std::vector<std::string>> explained(const SumList& text) {
    const auto words_a = sums_in(text.a);
    const auto words_b = sums_in(text.b);
    if (words_a.empty() || words_a.size() != words_b.size()) return std::nullopt;
    if (without(text.a, words_a) != without(text.b, words_b)) return std::nullopt;
    std::vector<std::string> files;
    for (std::size_t i = 0; i < words_a.size(); ++i) {
      const std::string_view a = text.a.substr(words_a[i], 64);
      const std::string_view b = text.b.substr(words_b[i], 64);
      if (a == b) continue;
      const auto file = file_of(a, b);
      if (!file || *file == text.path) return std::nullopt;
      files.push_back(*file);
    }
    if (files.empty()) return std::nullopt;
    return files;
  }

 private:
  static std::vector<std::size_t> sums_in(std::string_view text) {
    constexpr std::size_t most = 10'000;
    std::vector<std::size_t> places;
    std::size_t at = 0;
    while (at < text.size() && places.size() < most) {
      std::size_t length = 0;
      while (at + length < text.size() && is_hex(text[at + length])) ++length;
      const bool alone = at == 0 || !is_word(text[at - 1]);
      if (length == 64 && alone) places.push_back(at);
      at += length + 1;
    }
    return places;
  }

  static std::string without(std::string_view text, const std::vector<std::size_t>& places) {
    std::string rest(text);
    for (const std::size_t place : places)
      std::fill_n(rest.begin() + static_cast<std::ptrdiff_t>(place), 64, '0');
    return rest;
  }

  std::optional<std::string> file_of(std::string_view a, std::string_view b) {
    if (!m_read) read();
    const auto found = m_files.find(std::string(a) + std::string(b));
    if (found == m_files.end()) return std::nullopt;
    return found->second;
  }

  void read() {
    constexpr std::size_t most = std::size_t{64} << 20U;
    m_read = true;
    std::size_t done = 0;
    for (const Known& entry : m_fold.known()) {
      if (entry.a.empty() || entry.b.empty() || entry.a == entry.b) continue;
      done += entry.a.size() + entry.b.size();
      if (done > most) return;
      m_files.emplace(sha256(entry.a).hex() + sha256(entry.b).hex(), entry.path);
    }
  }

  const Fold& m_fold;
  bool m_read = false;
  std::map<std::string, std::string> m_files;
};

std::optional<std::vector<std::string>> explained(const Fold& fold, Digests& digests, const SumList& list) {
  if (matches_path("*.dist-info/RECORD", list.path)) return explained_lines(fold, list, recorded_name);
  if (matches_path("*/lib/apk/db/installed", list.path)) return explained_installed(fold, list);
  if (matches_path(k_single_sums, list.path)) {
    if (auto files = explained_single(fold, list)) return files;
  }
  const LinePair first = first_differing_line(list.a, list.b);
  if (summed_name(first.a) || summed_name(first.b)) {
    if (auto files = explained_lines(fold, list, summed_name)) return files;
  }
  return digests.explained(list);
}

}  // namespace

void fold_sums(Fold& fold) {
  Digests digests(fold);
  for (std::size_t i = 0; i < fold.known().size(); ++i) {
    const Known& entry = fold.known()[i];
    if (fold.is_claimed(i) || !entry.attributes.contains(Attribute::content)) continue;
    const auto [a, b] = fold.contents(entry.path);
    if (a.empty() || b.empty() || std::max(a.size(), b.size()) > k_text_limit) continue;
    if (!is_text(a) || !is_text(b)) continue;
    if (const auto files = explained(fold, digests, SumList{entry.path, a, b})) claim_sums(fold, i, *files);
  }
}

}  // namespace buildlab::causes
