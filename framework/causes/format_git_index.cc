// git's index: what it remembers of the files in the work tree.
#include <fmt/format.h>

#include "framework/causes/binary.h"
#include "framework/causes/format_readers.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_git_index{
    CauseClass::fsmeta, "K1", "git's index keeps times, inode and device numbers of the files",
    "put .git into .dockerignore, or `rm -rf .git` in the RUN that cloned; `git archive` gives a "
    "tree without it"};
constexpr std::size_t k_stat = 24;   // ctime, mtime, device, inode
constexpr std::size_t k_owner = 28;  // uid, gid
constexpr std::size_t k_file_size = 36;

struct IndexEntry {
  std::size_t at = 0;
  std::string_view name;  // in version 4 only what differs from the one before
};

struct GitIndex {
  std::vector<IndexEntry> entries;
  std::vector<Range> caches;  // extensions that hold what stat() said
  Range digest;
};

// Where the entry after this one begins; nullopt when it does not fit.
std::optional<std::size_t> entry_end(std::string_view bytes, std::uint64_t version, std::size_t hash,
                                     IndexEntry& entry) {
  constexpr std::size_t k_fixed = 42;  // before the hash and the flags
  constexpr std::uint64_t k_extended = 0x4000;
  if (!has(bytes, entry.at, k_fixed + hash)) return std::nullopt;
  const auto flags = be(bytes, entry.at + k_fixed - 2 + hash, 2);
  std::size_t at = entry.at + k_fixed - 2 + hash + 2;
  if (version >= 3 && (flags & k_extended) != 0) at += 2;
  if (version == 4) {
    // How many bytes of the name before to drop: seven bits a byte.
    while (at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & 0x80U) != 0) ++at;
    ++at;
  }
  const std::size_t end = bytes.find('\0', at);
  if (end == std::string_view::npos) return std::nullopt;
  entry.name = bytes.substr(at, end - at);
  if (version == 4) return end + 1;
  return entry.at + ((end - entry.at) / 8 + 1) * 8;
}

std::optional<GitIndex> parse_git_index(std::string_view bytes, std::size_t hash) {
  const auto version = be(bytes, 4, 4);
  const auto count = be(bytes, 8, 4);
  constexpr std::size_t k_head = 12;
  constexpr std::size_t k_least_entry = 62;
  if (version < 2 || version > 4 || bytes.size() < k_head + hash || count > bytes.size() / k_least_entry) {
    return std::nullopt;
  }
  GitIndex index;
  std::size_t at = k_head;
  for (std::uint64_t i = 0; i < count; ++i) {
    IndexEntry entry{at, {}};
    const auto end = entry_end(bytes, version, hash, entry);
    if (!end) return std::nullopt;
    index.entries.push_back(entry);
    at = *end;
  }
  index.digest = {bytes.size() - hash, hash};
  while (at < index.digest.begin) {
    const std::string_view name = slice(bytes, at, 4);
    const std::size_t size = be(bytes, at + 4, 4);
    if (!has(bytes, at, 8) || size > index.digest.begin - at || at + 8 + size > index.digest.begin)
      return std::nullopt;
    if (name == "UNTR" || name == "FSMN") index.caches.push_back({at + 8, size});
    at += 8 + size;
  }
  if (at != index.digest.begin) return std::nullopt;
  return index;
}

std::string shown_stat(std::string_view bytes, std::size_t at) {
  const auto time = [&](std::size_t from) { return moment(be(bytes, from, 4), be(bytes, from + 4, 4)); };
  return fmt::format("ctime {}, mtime {}, inode {}", time(at), time(at + 8), be(bytes, at + 20, 4));
}

}  // namespace

std::optional<Cause> of_git_index(const Reading& reading) {
  if (!reading.both_start_with("DIRC")) return std::nullopt;
  for (const std::size_t hash : {20, 32}) {
    const auto a = parse_git_index(reading.a(), hash);
    const auto b = a ? parse_git_index(reading.b(), hash) : std::nullopt;
    if (!b || a->entries.size() != b->entries.size() || a->caches.size() != b->caches.size()) continue;
    Findings findings;
    std::vector<Mask> masks;
    for (std::size_t i = 0; i < a->entries.size(); ++i) {
      const std::size_t in_a = a->entries[i].at;
      const std::size_t in_b = b->entries[i].at;
      const std::string stat_a = shown_stat(reading.a(), in_a);
      const std::string stat_b = shown_stat(reading.b(), in_b);
      if (stat_a != stat_b) {
        findings.add(k_git_index, change(fmt::format("offset {}, {}", in_a, in_quotes(a->entries[i].name)),
                                         stat_a, stat_b));
      }
      masks.push_back({{in_a, k_stat}, {in_b, k_stat}});
      masks.push_back({{in_a + k_owner, 8}, {in_b + k_owner, 8}});
      // git writes size 0 for a file that changed in the very second of the index.
      if (be(reading.a(), in_a + k_file_size, 4) == 0 || be(reading.b(), in_b + k_file_size, 4) == 0) {
        masks.push_back({{in_a + k_file_size, 4}, {in_b + k_file_size, 4}});
      }
    }
    for (std::size_t i = 0; i < a->caches.size(); ++i) {
      masks.push_back(
          {{a->caches[i].begin - 4, a->caches[i].size + 4}, {b->caches[i].begin - 4, b->caches[i].size + 4}});
    }
    masks.push_back({a->digest, b->digest});
    if (!equal_outside(reading.a(), reading.b(), std::move(masks))) return std::nullopt;
    return findings.result(true);
  }
  return std::nullopt;
}

}  // namespace buildlab::causes::formats
