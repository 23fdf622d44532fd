// The sections of an ELF file. Whatever the headers claim, all that is handed out lies within the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "framework/causes/binary.h"

namespace buildlab::causes::formats {

struct ElfSection {
  std::string_view name;
  std::uint64_t type = 0;
  std::uint64_t flags = 0;
  Range range;  // in the file; empty for one that takes no place there

  bool compressed() const { return (flags & 0x800) != 0; }
};

struct ElfFile {
  std::string_view bytes;
  Order order = Order::little;
  bool wide = false;                 // 64 bits
  std::vector<ElfSection> sections;  // in the order of their headers

  std::string_view content(const ElfSection& section) const {
    return bytes.substr(section.range.begin, section.range.size);
  }
  const ElfSection* find(std::string_view name) const;
  // Whether the Go linker wrote it.
  bool go() const { return find(".go.buildinfo") != nullptr || find(".note.go.buildid") != nullptr; }
};

// nullopt: no ELF, or one without a table of sections, or with one that does not lie within the file.
std::optional<ElfFile> parse_elf(std::string_view bytes);

}  // namespace buildlab::causes::formats
