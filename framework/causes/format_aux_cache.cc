// ldconfig's auxiliary cache: what it knew of each library the last time it ran.
#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "framework/causes/binary.h"
#include "framework/causes/format_readers.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_aux_cache{
    CauseClass::fsmeta, "B7", "ldconfig's cache keeps inode numbers and change times of the libraries",
    "RUN rm -f /var/cache/ldconfig/aux-cache in the step that ran ldconfig (apt and dpkg run it); "
    "only ldconfig reads the file"};
constexpr std::size_t k_aux_head = 32;
constexpr std::size_t k_aux_entry = 48;

struct Library {
  // What the file is: the same in both builds.
  std::string_view name;
  std::uint64_t size = 0;
  std::uint64_t flags = 0;
  std::uint64_t level = 0;
  // Where it lay; ldconfig orders its table by a hash of these.
  std::uint64_t inode = 0;
  std::uint64_t ctime = 0;
  std::uint64_t device = 0;

  auto what() const { return std::tie(name, size, flags, level); }
  auto place() const { return std::tie(inode, ctime, device); }
};

std::optional<std::vector<Library>> parse_aux_cache(std::string_view bytes) {
  const std::uint64_t count = le(bytes, 24, 4);
  const std::uint64_t strings = le(bytes, 28, 4);
  if (bytes.size() < k_aux_head || count > (bytes.size() - k_aux_head) / k_aux_entry ||
      k_aux_head + count * k_aux_entry + strings != bytes.size()) {
    return std::nullopt;
  }
  const std::string_view names = bytes.substr(k_aux_head + count * k_aux_entry);
  std::vector<Library> libraries;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t at = k_aux_head + i * k_aux_entry;
    constexpr std::size_t k_longest = 4096;
    const std::string_view name = slice(names, le(bytes, at + 36, 4), k_longest);
    libraries.push_back({name.substr(0, name.find('\0')), le(bytes, at + 16, 8), le(bytes, at + 32, 4),
                         le(bytes, at + 40, 4), le(bytes, at, 8), le(bytes, at + 8, 8),
                         le(bytes, at + 24, 8)});
  }
  std::sort(libraries.begin(), libraries.end(), [](const Library& a, const Library& b) {
    return std::pair(a.what(), a.place()) < std::pair(b.what(), b.place());
  });
  return libraries;
}

std::string shown_library(const Library& library) {
  return fmt::format("inode {} changed {}", library.inode, moment(library.ctime));
}

}  // namespace

std::optional<Cause> of_aux_cache(const Reading& reading) {
  constexpr std::size_t k_magic = 24;
  if (!reading.both_start_with("glibc-ld.so.auxcache-") ||
      reading.a().substr(0, k_magic) != reading.b().substr(0, k_magic)) {
    return std::nullopt;
  }
  const auto a = parse_aux_cache(reading.a());
  const auto b = parse_aux_cache(reading.b());
  if (!a || !b || a->size() != b->size()) return std::nullopt;
  Findings findings;
  for (std::size_t i = 0; i < a->size(); ++i) {
    const Library& in_a = (*a)[i];
    const Library& in_b = (*b)[i];
    // Another library, or another build of it: that is for the library's own file to explain.
    if (in_a.what() != in_b.what()) return std::nullopt;
    if (in_a.place() != in_b.place()) {
      findings.add(k_aux_cache, change(in_a.name, shown_library(in_a), shown_library(in_b)));
    }
  }
  return findings.result(true);
}

}  // namespace buildlab::causes::formats
