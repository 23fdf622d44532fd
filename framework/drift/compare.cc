#include "framework/drift/compare.h"

#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <thread>

#include "framework/drift/align.h"
#include "framework/drift/documents.h"
#include "framework/drift/fetch.h"
#include "framework/drift/flat.h"
#include "framework/drift/lockstep.h"
#include "framework/drift/order.h"
#include "framework/drift/packing.h"
#include "framework/drift/passed_over.h"

namespace buildlab::drift {
namespace {

using image::ImageFile;

Side side_of(const ImageFile& file) {
  Side side;
  side.name = file.path().string();
  if (file.has_manifest()) side.manifest = file.image().manifest_digest;
  side.config = file.image().config_digest;
  side.platform = file.image().platform;
  for (const image::Layer& layer : file.image().layers) {
    side.layers.push_back(layer.digest);
    side.diff_ids.push_back(layer.diff_id);
  }
  return side;
}

// What is read of equal layers to see whether they hide a difference below.
constexpr Bytes k_looked_through{64U << 20U};

bool only_of_layers(const Difference& difference) {
  switch (difference.attribute) {
    case Attribute::missing:
    case Attribute::added:
    case Attribute::nlink:
      return true;
    case Attribute::type:
    case Attribute::linktarget:
      return difference.kind == EntryKind::hardlink;
    default:
      return difference.representation;
  }
}

class Comparer {
 public:
  Comparer(const ImageFile& a, const ImageFile& b, const Options& options)
      : m_a(a), m_b(b), m_options(options), m_explainer(options.surroundings) {}

  Result<Comparison> run() {
    Comparison comparison;
    comparison.notes = m_options.notes;
    comparison.a = side_of(m_a);
    comparison.b = side_of(m_b);
    const bool same_manifest = comparison.a.manifest && comparison.a.manifest == comparison.b.manifest;
    if (same_manifest) {
      comparison.layers_equal = comparison.a.layers.size();
      return comparison;
    }
    m_segments = align(comparison.a.diff_ids, comparison.b.diff_ids);
    compare_documents();
    BUILDLAB_TRY(compare_segments());
    BUILDLAB_TRY(tell_packing(m_a, m_b, m_segments, m_explainer));
    for (const Segment& segment : m_segments) {
      const std::size_t layers = segment.a.end - segment.a.first + segment.b.end - segment.b.first;
      (segment.equal ? comparison.layers_equal : comparison.layers_read) += segment.equal ? 1 : layers;
    }
    BUILDLAB_ASSIGN(const causes::Files files, read_for_folding());
    comparison.differences = m_explainer.finish(files);
    BUILDLAB_TRY(settle_representation(comparison.differences));
    for (std::string& note : m_explainer.notes()) comparison.notes.push_back(std::move(note));
    name_steps(comparison.differences);
    comparison.ignored = pass_over(m_options.policies, comparison.differences);
    sort_worst_first(comparison.differences);
    const bool real = std::any_of(comparison.differences.begin(), comparison.differences.end(),
                                  [](const Difference& found) { return !found.representation; });
    comparison.verdict = real                             ? Verdict::different
                         : comparison.differences.empty() ? Verdict::identical
                                                          : Verdict::representation;
    return comparison;
  }

 private:
  void compare_documents() {
    const bool same_division = std::all_of(m_segments.begin(), m_segments.end(),
                                           [](const Segment& segment) { return segment.is_pair(); });
    std::vector<Difference> found = differences_of_documents(m_a, m_b, same_division);
    if (!same_division) found.push_back(other_division());
    for (const Segment& segment : m_segments) {
      if (!segment.equal) continue;
      const image::Layer& a = m_a.image().layers[segment.a.first];
      const image::Layer& b = m_b.image().layers[segment.b.first];
      if (a.digest == b.digest) continue;
      Difference compression;
      compression.layer = segment.a.first + 1;
      compression.layer_b = segment.b.first + 1;
      compression.attribute = Attribute::compression;
      compression.a = fmt::format("{} ({} bytes, {})", a.digest.text(), a.size.count, a.media_type);
      compression.b = fmt::format("{} ({} bytes, {})", b.digest.text(), b.size.count, b.media_type);
      compression.representation = true;
      found.push_back(std::move(compression));
    }
    const bool layers_equal = std::all_of(m_segments.begin(), m_segments.end(),
                                          [](const Segment& segment) { return segment.equal; });
    // Equal values in other bytes (blanks, order of members) change digests all the same.
    const bool of_config =
        m_a.image().config_digest != m_b.image().config_digest && layers_equal &&
        std::none_of(found.begin(), found.end(), [](const Difference& difference) {
          return difference.attribute == Attribute::config || difference.attribute == Attribute::history;
        });
    if (of_config)
      found.push_back(other_bytes("config", m_a.image().config_digest, m_b.image().config_digest));
    if (found.empty() && layers_equal && m_a.has_manifest() && m_b.has_manifest()) {
      found.push_back(other_bytes("manifest", m_a.image().manifest_digest, m_b.image().manifest_digest));
    }
    for (Difference& difference : found) {
      std::vector<Difference> one;
      one.push_back(std::move(difference));
      m_explainer.take(std::move(one));
    }
  }

  Difference other_division() const {
    Difference found;
    found.attribute = Attribute::format;
    found.key = "division into layers";
    found.a = fmt::format("{} layers", m_a.image().layers.size());
    found.b = fmt::format("{} layers", m_b.image().layers.size());
    found.representation = true;
    return found;
  }

  static Difference other_bytes(const std::string& what, const Digest& a, const Digest& b) {
    Difference found;
    found.attribute = Attribute::format;
    found.key = "JSON of the " + what;
    found.a = a.text();
    found.b = b.text();
    found.representation = true;
    return found;
  }

  // Each pair of layers has two threads that unpack; so half as many pairs at once as there are cores.
  Status compare_segments() {
    const unsigned cores = m_options.threads != 0 ? m_options.threads : std::thread::hardware_concurrency();
    const unsigned workers = std::clamp(cores / 2, 1U, 8U);
    std::atomic<std::size_t> next{0};
    std::atomic<bool> stop{false};
    std::vector<Status> results(m_segments.size());
    const auto work = [&] {
      for (std::size_t i = next++; i < m_segments.size() && !stop; i = next++) {
        results[i] = m_segments[i].equal ? verify_equal(m_segments[i]) : compare_segment(m_segments[i]);
        if (!results[i]) stop = true;
      }
    };
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 1; i < workers; ++i) threads.emplace_back(work);
      work();
    }
    for (Status& result : results) BUILDLAB_TRY(std::move(result));
    return {};
  }

  // Equal digests of blobs are believed. That two blobs hold the same tar is only what the configurations
  // say, which whoever made them may have made up.
  Status verify_equal(const Segment& segment) {
    const image::Layer& of_a = m_a.image().layers[segment.a.first];
    const image::Layer& of_b = m_b.image().layers[segment.b.first];
    if (of_a.digest == of_b.digest) return {};
    for (const auto& [file, index] : {std::pair(&m_a, segment.a.first), std::pair(&m_b, segment.b.first)}) {
      BUILDLAB_ASSIGN(const image::Source source, file->layer(index, m_options.max_layer));
      while (true) {
        BUILDLAB_ASSIGN(const std::string_view piece, source->next());
        if (piece.empty()) break;
      }
    }
    return {};
  }

  Status compare_segment(const Segment& segment) {
    if (!segment.is_pair()) {
      BUILDLAB_ASSIGN(const bool to_be_unpacked,
                      compare_flat(m_a, segment.a, m_b, segment.b, m_options.max_layer, m_explainer));
      if (to_be_unpacked) m_to_be_unpacked = true;
      return {};
    }
    BUILDLAB_ASSIGN(const image::Source source_a, m_a.layer(segment.a.first, m_options.max_layer));
    BUILDLAB_ASSIGN(const image::Source source_b, m_b.layer(segment.b.first, m_options.max_layer));
    const auto name = [](const ImageFile& file, std::size_t layer) {
      return fmt::format("{}: layer {} {}", file.path().string(), layer + 1,
                         file.image().layers[layer].digest.short_text());
    };
    const LayerPair pair{
        *source_a,           *source_b,          name(m_a, segment.a.first), name(m_b, segment.b.first),
        segment.a.first + 1, segment.b.first + 1};
    BUILDLAB_ASSIGN(LayerResult result, compare_layer(pair, m_explainer));
    BUILDLAB_TRY(check_outside_links(m_a, pair.number_a, result.outside_a, m_options.max_layer));
    BUILDLAB_TRY(check_outside_links(m_b, pair.number_b, result.outside_b, m_options.max_layer));
    if (result.to_be_unpacked) m_to_be_unpacked = true;
    if (result.entangled) {
      std::erase_if(result.late, [&](const LatePair& late) { return result.entangled(late.path); });
      BUILDLAB_TRY(compare_again(m_a, pair.number_a, m_b, pair.number_b, result.entangled,
                                 m_options.max_layer, m_explainer));
    }
    return compare_late(m_a, m_b, pair.number_a, pair.number_b, result.late, m_options.max_layer,
                        m_explainer);
  }

  Result<causes::Files> read_for_folding() {
    const std::vector<std::string> wanted = m_explainer.wanted();
    causes::Files files;
    if (wanted.empty()) return files;
    const std::set<std::string> paths(wanted.begin(), wanted.end());
    std::set<std::size_t> layers_a;
    std::set<std::size_t> layers_b;
    for (const Segment& segment : m_segments) {
      if (segment.equal) continue;
      for (std::size_t i = segment.a.first; i < segment.a.end; ++i) layers_a.insert(i + 1);
      for (std::size_t i = segment.b.first; i < segment.b.end; ++i) layers_b.insert(i + 1);
    }
    BUILDLAB_ASSIGN(auto in_a, fetch_newest(m_a, layers_a, paths, m_options.max_layer));
    BUILDLAB_ASSIGN(auto in_b, fetch_newest(m_b, layers_b, paths, m_options.max_layer));
    for (auto& [path, text] : in_a) files[path].first = std::move(text);
    for (auto& [path, text] : in_b) files[path].second = std::move(text);
    return files;
  }

  // Layers can differ while what is on disk after all of them does not: a whiteout of nothing, an entry that
  // a layer below has just so, one that a layer above takes away. Only read when nothing else is real.
  Status settle_representation(std::vector<Difference>& differences) {
    std::vector<EntryPlace> entries;
    bool real = false;
    for (const Difference& found : differences) {
      if (found.representation) continue;
      if (found.layer == 0) return {};
      real = true;
      if (!only_of_layers(found)) entries.push_back({found.layer, found.path});
    }
    if (!real) return m_to_be_unpacked ? settle_form(differences) : Status();
    if (!entries.empty()) {
      BUILDLAB_ASSIGN(const bool hidden, are_hidden(entries));
      if (!hidden) return {};
    }
    BUILDLAB_ASSIGN(const bool alike, unpack_alike(m_a, m_b, m_options.max_layer, m_explainer));
    if (!alike) return {};
    for (Difference& difference : differences) difference.representation = true;
    return {};
  }

  // The same entries in another order or in other layers, or entries that others replace: below what is a
  // link in a layer below, or once was one in their own, they may have led elsewhere.
  Status settle_form(std::vector<Difference>& differences) {
    if (unread_above(0) > k_looked_through.count) {
      m_explainer.note(
          "some layers write one path several times, or into folders that they have no entry of: whether "
          "links "
          "lead what lies below elsewhere was not looked up; then some runtimes may unpack the two to "
          "different files");
      return {};
    }
    BUILDLAB_ASSIGN(const bool alike, unpack_alike(m_a, m_b, m_options.max_layer, m_explainer));
    if (alike) return {};
    const auto of_place = [](const Difference& difference) {
      return difference.attribute == Attribute::order || difference.key == "division into layers" ||
             difference.key == "entries that others replace";
    };
    const bool any = std::any_of(differences.begin(), differences.end(), of_place);
    for (Difference& difference : differences) {
      if (any ? of_place(difference) : difference.layer > 0) difference.representation = false;
    }
    return {};
  }

  // Layers above that are equal were not read, and are not read for this where that costs more than moments:
  // then the images stay different.
  Result<bool> are_hidden(const std::vector<EntryPlace>& entries) const {
    const bool pairs = std::all_of(m_segments.begin(), m_segments.end(),
                                   [](const Segment& segment) { return segment.is_pair(); });
    if (!pairs) return false;
    const auto lowest = std::min_element(entries.begin(), entries.end(),
                                         [](const auto& a, const auto& b) { return a.layer < b.layer; });
    if (unread_above(lowest->layer) > k_looked_through.count) return false;
    return all_hidden(m_a, entries, m_options.max_layer);
  }

  // Bytes of equal layers above so many segments.
  std::uint64_t unread_above(std::size_t segments) const {
    std::uint64_t unread = 0;
    for (std::size_t i = segments; i < m_segments.size(); ++i) {
      if (m_segments[i].equal) unread += m_a.image().layers[m_segments[i].a.first].size.count;
    }
    return unread;
  }

  void name_steps(std::vector<Difference>& differences) const {
    if (!m_options.step_of_layer) return;
    for (Difference& difference : differences) {
      const bool only_b = difference.attribute == Attribute::added;
      const std::size_t layer = only_b ? difference.layer_b : difference.layer;
      if (layer > 0) difference.step = m_options.step_of_layer(!only_b, layer - 1);
    }
  }

  const ImageFile& m_a;
  const ImageFile& m_b;
  const Options& m_options;
  Explainer m_explainer;
  std::vector<Segment> m_segments;
  std::atomic<bool> m_to_be_unpacked{false};
};

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::identical:
      return "identical";
    case Verdict::representation:
      return "representation";
    case Verdict::different:
      return "different";
  }
  return "";
}

Result<Comparison> compare(const ImageFile& a, const ImageFile& b, const Options& options) {
  return Comparer(a, b, options).run();
}

}  // namespace buildlab::drift
