// Which paths the entries of one layer have, and where entries of one layer depend on each other. As hashes:
// a layer may have millions. Private to this room.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "framework/image/tar_reader.h"

namespace buildlab::drift {

class Names {
 public:
  // In the layer's order.
  void add(const image::TarEntry& entry);
  // Once all were added, before anything is asked.
  void settle();

  bool has(const std::string& path) const;
  static std::uint64_t hash(std::string_view path);
  // Whether several entries have the path of this hash.
  bool is_repeated(std::uint64_t hash) const;
  bool any_repeated() const { return !m_repeated.empty(); }
  // Whether an entry lies below one that is no folder: a link leads it elsewhere, or one replaces the other.
  bool any_below_others() const { return m_below_others; }
  // Whether a hard link stands before what it names.
  bool any_early_links() const { return m_early_links; }
  // Whether what is there in the end depends on the order of entries of several paths.
  bool any_tangled() const { return any_repeated() || m_below_others || m_early_links; }
  // Whether an entry lies in a folder that the layer has no entry of before it.
  bool any_without_folder() const { return m_without_folder; }

 private:
  struct Placed {
    std::uint64_t hash;
    std::size_t place;  // in the layer's order

    friend auto operator<=>(const Placed&, const Placed&) = default;
  };
  void find_early_links();
  void find_late_folders();

  std::vector<std::uint64_t> m_all;  // hashes, the last bit set for folders; in order, then sorted
  std::vector<Placed> m_folders;  // all folders on the way to entries, with the first entry that needs each
  std::string m_last_folder;
  std::vector<Placed> m_links;  // targets of hard ones
  std::vector<std::uint64_t> m_repeated;
  bool m_below_others = false;
  bool m_early_links = false;
  bool m_without_folder = false;
};

}  // namespace buildlab::drift
