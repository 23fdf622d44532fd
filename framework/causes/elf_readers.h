// The parts of the reader of ELF files, each for one kind of content.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/causes/binary.h"
#include "framework/causes/binary_tokens.h"
#include "framework/causes/elf_file.h"
#include "framework/causes/findings.h"
#include "framework/causes/observation.h"

namespace buildlab::causes::formats {

struct ElfPair {
  ElfFile a;
  ElfFile b;
  const Surroundings& surroundings;
};

// Content of one section of both sides, of one size; `base` is its offset in both files.
struct ElfRegion {
  std::string_view a;
  std::string_view b;
  std::size_t base = 0;
  std::string_view section;
};

// Dates, paths, random names and times in a region. False when some byte stays unexplained.
bool explain_region(const ElfRegion& region, const ElfPair& pair, Findings& findings,
                    std::vector<Mask>& masks);
// The absolute path of one length that covers byte `at` of both sides and differs there.
std::optional<TokenAt> path_at(std::string_view a, std::string_view b, std::size_t at, bool glued);
// ".gnu.lto_f.1.d3d9b16899cd2354" without the digits that GCC draws at random.
std::string_view without_lto_suffix(std::string_view name);
extern const Row k_elf_lto_name;

// Sections that identify or describe the rest: build ids, debug link, compiler. True if it was one of them.
bool explain_identity(const ElfSection& a, const ElfSection& b, const ElfPair& pair, Findings& findings,
                      std::vector<Mask>& masks);

// What `go version -m` shows: revision, flags, environment.
void explain_go_settings(const ElfPair& pair, Findings& findings, std::vector<Mask>& masks);

// Files whose sections have other sizes or places on both sides; nothing is ever proven there.
void explain_moved(const ElfPair& pair, Findings& findings);
// One folder's name in place of another's in all texts that differ, wherever they stand.
void explain_folder(const ElfPair& pair, Findings& findings);

// The content, inflated where the section is compressed; nullopt when it is damaged or above the limits.
std::optional<std::string> plain_content(const ElfFile& file, const ElfSection& section);

}  // namespace buildlab::causes::formats
