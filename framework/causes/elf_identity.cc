// Sections of an ELF file that identify or describe the rest of it.
#include <algorithm>

#include <fmt/format.h>

#include "framework/causes/elf_readers.h"
#include "framework/causes/inflate.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_elf_id{CauseClass::derived, "H1", "the program's build id is a digest of the whole program",
                       "mend the other differences of the program; the id follows (without it: "
                       "-Wl,--build-id=none, Go: -ldflags=-buildid=)"};
constexpr Row k_elf_compiler{CauseClass::tool, "H18", "another compiler, or another version of it, was used",
                             "pin the compiler: its package's version, or the base image by digest"};

std::string listed_strings(std::string_view bytes) {
  std::string text(bytes);
  while (!text.empty() && text.back() == '\0') text.pop_back();
  std::replace(text.begin(), text.end(), '\0', ';');
  return in_quotes(text);
}

}  // namespace

bool explain_identity(const ElfSection& a, const ElfSection& b, const ElfPair& pair, Findings& findings,
                      std::vector<Mask>& masks) {
  const std::string_view in_a = pair.a.content(a);
  const std::string_view in_b = pair.b.content(b);
  const std::string where = fmt::format("offset {} ({})", a.range.begin, a.name);
  if (a.name == ".comment") {
    findings.add(k_elf_compiler, change(where, listed_strings(in_a), listed_strings(in_b)));
    masks.push_back({a.range, b.range});
    return true;
  }
  constexpr std::size_t k_note_head = 16;  // sizes, type, "GNU"
  constexpr std::size_t k_crc = 4;
  if (in_a.size() != in_b.size() || in_a.size() <= k_note_head) return false;
  Range part{0, in_a.size()};
  if (a.name == ".note.gnu.build-id" || a.name == ".note.go.buildid") {
    part = {k_note_head, in_a.size() - k_note_head};
  } else if (a.name == ".gnu_debuglink") {
    part = {in_a.size() - k_crc, k_crc};
  } else {
    return false;
  }
  const auto shown = [&](std::string_view bytes) {
    const std::string_view id = bytes.substr(part.begin, part.size);
    return a.name == ".note.go.buildid" ? in_quotes(id) : lower_hex(id.substr(0, 20));
  };
  if (in_a.substr(0, part.begin) != in_b.substr(0, part.begin)) return false;
  findings.add(k_elf_id, change(where, shown(in_a), shown(in_b)));
  masks.push_back({{a.range.begin + part.begin, part.size}, {b.range.begin + part.begin, part.size}});
  return true;
}

std::optional<std::string> plain_content(const ElfFile& file, const ElfSection& section) {
  const std::string_view bytes = file.content(section);
  if (!section.compressed()) return std::string(bytes);
  // Elf32_Chdr: type, size, alignment; Elf64_Chdr: type, reserved, size, alignment.
  const std::size_t head = file.wide ? 24 : 12;
  constexpr std::size_t k_zlib_head = 2;
  constexpr std::uint64_t k_zlib = 1;
  constexpr std::uint64_t k_zstd = 2;
  const std::uint64_t type = number(bytes, 0, 4, file.order);
  const std::uint64_t size = number(bytes, file.wide ? 8 : 4, file.wide ? 8 : 4, file.order);
  const std::string_view stream = slice(bytes, head, bytes.size());
  if (type == k_zstd) return inflate(stream, Compression::zstd);
  if (type != k_zlib || stream.size() < k_zlib_head || size > 0xffffffffU) return std::nullopt;
  return inflate_deflate(stream.substr(k_zlib_head), 0, static_cast<std::uint32_t>(size));
}

}  // namespace buildlab::causes::formats
