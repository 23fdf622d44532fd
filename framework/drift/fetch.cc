#include "framework/drift/fetch.h"

#include <fmt/format.h>

#include "framework/base/text.h"
#include "framework/drift/contents.h"

namespace buildlab::drift {
namespace {

using image::TarEntry;
using image::TarReader;
using image::TarType;

// Both sides together stay below what a comparison may take of memory.
constexpr std::size_t k_round = 32U << 20U;
constexpr std::size_t k_folding = 24U << 20U;

std::string name_of(const image::ImageFile& image, std::size_t layer) {
  return fmt::format("{}: layer {}", image.path().string(), layer + 1);
}

// Reads a layer to its end, as only then its digests are known to be right.
template <typename Visit>
Status visit_layer(const image::ImageFile& image, std::size_t layer, Bytes max_layer, const Visit& visit) {
  BUILDLAB_ASSIGN(const image::Source source, image.layer(layer, max_layer));
  TarReader reader(*source, name_of(image, layer));
  while (true) {
    BUILDLAB_ASSIGN(const TarEntry* const entry, reader.next());
    if (entry == nullptr) break;
    BUILDLAB_TRY(visit(*entry, reader));
  }
  const auto finished = reader.finish();
  if (!finished) return tl::unexpected<Error>(finished.error());
  return {};
}

Contents contents_of(const Fetched& a, const Fetched& b) {
  return {a.text, b.text, a.complete && b.complete};
}

// Not so where a later entry of the same name has another content: what was fetched is that one's.
bool is_of(const Fetched& fetched, const std::optional<Digest>& sum) {
  return !sum || !fetched.complete || sha256(fetched.text) == *sum;
}

// A difference whose contents are not at hand.
Difference by_sums(const LatePair& pair) {
  Difference found;
  found.path = pair.path;
  found.attribute = Attribute::content;
  found.a = pair.sum_a->text();
  found.b = pair.sum_b->text();
  return found;
}

}  // namespace

Result<FetchedFiles> fetch(const image::ImageFile& image, std::size_t layer,
                           const std::set<std::string>& paths, Bytes max_layer, std::size_t budget) {
  FetchedFiles files;
  std::size_t kept = 0;
  BUILDLAB_TRY(visit_layer(image, layer, max_layer, [&](const TarEntry& entry, TarReader& reader) -> Status {
    if (entry.type != TarType::file || !paths.contains(entry.path)) return {};
    const std::size_t limit =
        std::min(entry.size <= k_whole_content ? k_whole_content : k_beginning, budget - kept);
    BUILDLAB_ASSIGN(Digested content, digest_content(reader, limit));
    Fetched fetched{std::move(content.beginning), entry.size, true};
    fetched.complete = fetched.text.size() == entry.size;
    kept += fetched.text.size();
    files[entry.path] = std::move(fetched);
    return {};
  }));
  return files;
}

Status compare_late(const image::ImageFile& a, const image::ImageFile& b, std::size_t number_a,
                    std::size_t number_b, const std::vector<LatePair>& late, Bytes max_layer,
                    Explainer& explainer) {
  if (late.empty()) return {};
  std::set<std::string> paths_a;
  std::set<std::string> paths_b;
  for (const LatePair& pair : late) {
    paths_a.insert(pair.path_a);
    paths_b.insert(pair.path_b);
  }
  BUILDLAB_ASSIGN(const FetchedFiles files_a, fetch(a, number_a - 1, paths_a, max_layer, k_round));
  BUILDLAB_ASSIGN(const FetchedFiles files_b, fetch(b, number_b - 1, paths_b, max_layer, k_round));
  for (const LatePair& pair : late) {
    const auto in_a = files_a.find(pair.path_a);
    const auto in_b = files_b.find(pair.path_b);
    const bool summed = pair.sum_a && pair.sum_b;
    const bool both = in_a != files_a.end() && in_b != files_b.end();
    if (!both && !summed) continue;
    if (!both || !is_of(in_a->second, pair.sum_a) || !is_of(in_b->second, pair.sum_b)) {
      std::vector<Difference> one{by_sums(pair)};
      one.front().layer = number_a;
      one.front().layer_b = number_b;
      explainer.take(std::move(one));
      continue;
    }
    const Contents contents = contents_of(in_a->second, in_b->second);
    const bool equal = contents.complete && contents.a == contents.b;
    if (equal && !pair.known_to_differ) continue;
    std::vector<Difference> differences;
    add_content(differences, pair.path, in_a->second.size, in_b->second.size, contents);
    for (Difference& difference : differences) {
      difference.layer = number_a;
      difference.layer_b = number_b;
    }
    explainer.take(std::move(differences), &contents);
  }
  return {};
}

Status check_outside_links(const image::ImageFile& image, std::size_t number,
                           const std::vector<std::pair<std::string, std::string>>& links, Bytes max_layer) {
  if (links.empty()) return {};
  std::set<std::string> targets;
  for (const auto& [path, target] : links) targets.insert(target);
  for (std::size_t layer = number - 1; layer-- > 0 && !targets.empty();) {
    BUILDLAB_TRY(visit_layer(image, layer, max_layer, [&](const TarEntry& entry, TarReader&) -> Status {
      targets.erase(entry.path);
      return {};
    }));
  }
  for (const auto& [path, target] : links) {
    if (!targets.contains(target)) continue;
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: \"{}\" is a hard link to \"{}\", which no layer holds",
                            name_of(image, number - 1), one_line(path, 120), one_line(target, 120)),
                {"no runtime could unpack this image; build it anew"});
  }
  return {};
}

Result<std::map<std::string, std::string>> fetch_newest(const image::ImageFile& image,
                                                        const std::set<std::size_t>& layers,
                                                        const std::set<std::string>& paths, Bytes max_layer) {
  std::map<std::string, std::string> newest;
  std::size_t left = k_folding;
  for (const std::size_t layer : layers) {  // from the lowest on: later ones replace
    BUILDLAB_ASSIGN(FetchedFiles files, fetch(image, layer - 1, paths, max_layer, left));
    for (auto& [path, file] : files) {
      if (!file.complete) continue;
      left -= std::min(left, file.text.size());
      newest[path] = std::move(file.text);
    }
  }
  return newest;
}

}  // namespace buildlab::drift
