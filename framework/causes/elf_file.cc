#include "framework/causes/elf_file.h"

#include <algorithm>

namespace buildlab::causes::formats {
namespace {

constexpr std::uint64_t k_no_bits = 8;

// Where the fields of a header stand in files of 32 and of 64 bits.
struct ElfLayout {
  std::size_t table_offset, entry_size, entry_count, names_index;  // of the file's header
  std::size_t flags, offset, size, link, least_entry;              // of a section's
  std::size_t word;
};
constexpr ElfLayout k_narrow{32, 46, 48, 50, 8, 16, 20, 24, 40, 4};
constexpr ElfLayout k_wide{40, 58, 60, 62, 8, 24, 32, 40, 64, 8};

}  // namespace

const ElfSection* ElfFile::find(std::string_view name) const {
  const auto found = std::find_if(sections.begin(), sections.end(),
                                  [name](const ElfSection& section) { return section.name == name; });
  return found == sections.end() ? nullptr : &*found;
}

std::optional<ElfFile> parse_elf(std::string_view bytes) {
  if (!bytes.starts_with("\x7f"
                         "ELF") ||
      bytes.size() < 52)
    return std::nullopt;
  ElfFile file;
  file.bytes = bytes;
  const auto width = le(bytes, 4, 1);
  const auto encoding = le(bytes, 5, 1);
  if ((width != 1 && width != 2) || (encoding != 1 && encoding != 2)) return std::nullopt;
  file.wide = width == 2;
  file.order = encoding == 1 ? Order::little : Order::big;
  const ElfLayout& layout = file.wide ? k_wide : k_narrow;
  const auto get = [&](std::uint64_t at, std::size_t size) { return number(bytes, at, size, file.order); };

  const std::uint64_t table = get(layout.table_offset, layout.word);
  const std::uint64_t entry = get(layout.entry_size, 2);
  std::uint64_t count = get(layout.entry_count, 2);
  std::uint64_t names = get(layout.names_index, 2);
  if (table == 0 || entry < layout.least_entry || !has(bytes, table, entry)) return std::nullopt;
  // What does not fit into the file's header stands in the first section's.
  if (count == 0) count = get(table + layout.size, layout.word);
  if (names == 0xffff) names = get(table + layout.link, 4);
  if (count == 0 || count > (bytes.size() - table) / entry || names >= count) return std::nullopt;

  const auto section_range = [&](std::uint64_t header) -> std::optional<Range> {
    if (get(header + 4, 4) == k_no_bits || get(header + 4, 4) == 0) return Range{};
    const std::uint64_t offset = get(header + layout.offset, layout.word);
    const std::uint64_t size = get(header + layout.size, layout.word);
    if (!has(bytes, offset, size)) return std::nullopt;
    return Range{offset, size};
  };
  const auto names_range = section_range(table + names * entry);
  if (!names_range) return std::nullopt;
  const std::string_view all_names = bytes.substr(names_range->begin, names_range->size);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t header = table + i * entry;
    const auto range = section_range(header);
    if (!range) return std::nullopt;
    constexpr std::size_t k_longest_name = 4096;
    const std::string_view name = slice(all_names, get(header, 4), k_longest_name);
    file.sections.push_back({name.substr(0, name.find('\0')), get(header + 4, 4),
                             get(header + layout.flags, layout.word), *range});
  }
  return file;
}

}  // namespace buildlab::causes::formats
