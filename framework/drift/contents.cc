#include "framework/drift/contents.h"

#include <fmt/format.h>
#include <algorithm>
#include <cstring>

namespace buildlab::drift {
namespace {

// What is left of an entry, as far as `limit` allows to keep it; `excerpt` begins after `same` bytes.
Status read_rest(image::TarReader& reader, std::string_view piece, std::size_t same, std::size_t limit,
                 std::string& text, std::string& excerpt) {
  const auto fill = [](std::string& kept, std::string_view bytes, std::size_t most) {
    kept.append(bytes.substr(0, most - std::min(most, kept.size())));
  };
  std::string_view differing = piece.substr(same);
  while (true) {
    fill(text, piece, limit);
    fill(excerpt, differing, k_first_bytes + 1);
    BUILDLAB_ASSIGN(piece, reader.read());
    if (piece.empty()) return {};
    differing = piece;
  }
}

}  // namespace

Result<std::optional<Contents>> compare_contents(image::TarReader& a, std::uint64_t size_a,
                                                 image::TarReader& b, std::uint64_t size_b,
                                                 std::string& scratch) {
  const bool whole = size_a <= k_whole_content && size_b <= k_whole_content;
  const std::size_t limit = whole ? k_whole_content : k_beginning;
  // What was equal: `scratch`, then the beginning of A's piece, which is copied only when A has another
  // piece: most files lie within one.
  scratch.clear();
  std::string_view whole_a;
  std::string_view piece_a;
  std::string_view piece_b;
  std::uint64_t equal = 0;
  const auto keep = [&] {
    const std::string_view head = whole_a.substr(0, whole_a.size() - piece_a.size());
    scratch.append(head.substr(0, limit - std::min(limit, scratch.size())));
  };
  while (true) {
    if (piece_a.empty() && a.left() > 0) {
      keep();
      BUILDLAB_ASSIGN(whole_a, a.read());
      piece_a = whole_a;
    }
    if (piece_b.empty()) {
      BUILDLAB_ASSIGN(piece_b, b.read());
    }
    if (piece_a.empty() && piece_b.empty()) return std::nullopt;
    const std::size_t count = std::min(piece_a.size(), piece_b.size());
    if (count == 0 || std::memcmp(piece_a.data(), piece_b.data(), count) != 0) break;
    piece_a.remove_prefix(count);
    piece_b.remove_prefix(count);
    equal += count;
  }
  keep();
  const std::size_t shorter = std::min(piece_a.size(), piece_b.size());
  const auto same = static_cast<std::size_t>(
      std::mismatch(piece_a.begin(), piece_a.begin() + static_cast<std::ptrdiff_t>(shorter), piece_b.begin())
          .first -
      piece_a.begin());
  FirstBytes first{equal + same, {}, {}};
  Contents contents{scratch, scratch, whole};
  BUILDLAB_TRY(read_rest(a, piece_a, same, limit, contents.a, first.a));
  BUILDLAB_TRY(read_rest(b, piece_b, same, limit, contents.b, first.b));
  if (first.offset >= limit) contents.beyond = std::move(first);
  return contents;
}

Result<Digested> digest_content(image::TarReader& reader, std::size_t keep) {
  Sha256 sum;
  std::string beginning;
  while (true) {
    BUILDLAB_ASSIGN(const std::string_view piece, reader.read());
    if (piece.empty()) return Digested{sum.finish(), std::move(beginning)};
    sum.add(piece);
    beginning.append(piece.substr(0, keep - std::min(keep, beginning.size())));
  }
}

void add_content(std::vector<Difference>& differences, const std::string& path, std::uint64_t size_a,
                 std::uint64_t size_b, const Contents& contents) {
  Difference content;
  content.path = path;
  content.attribute = Attribute::content;
  const auto value = [&](const std::string& text, std::uint64_t size) {
    return contents.complete ? sha256(text).text() : fmt::format("{} bytes", size);
  };
  content.a = value(contents.a, size_a);
  content.b = value(contents.b, size_b);
  differences.push_back(content);
  if (size_a == size_b) return;
  Difference size = content;
  size.attribute = Attribute::size;
  size.a = fmt::format("{}", size_a);
  size.b = fmt::format("{}", size_b);
  differences.push_back(std::move(size));
}

}  // namespace buildlab::drift
