// Programs, libraries and object files.
#include <fmt/format.h>

#include "framework/causes/elf_readers.h"
#include "framework/causes/format_readers.h"

namespace buildlab::causes::formats {
namespace {

bool same_layout(const ElfFile& a, const ElfFile& b) {
  if (a.bytes.size() != b.bytes.size() || a.sections.size() != b.sections.size()) return false;
  for (std::size_t i = 0; i < a.sections.size(); ++i) {
    if (a.sections[i].range.begin != b.sections[i].range.begin ||
        a.sections[i].range.size != b.sections[i].range.size || a.sections[i].flags != b.sections[i].flags) {
      return false;
    }
  }
  return true;
}

// Both sides' compressed sections, looked into. All of it is masked when all inside is explained.
bool explain_compressed(const ElfSection& a, const ElfSection& b, const ElfPair& pair, Findings& findings,
                        std::vector<Mask>& masks) {
  const auto plain_a = plain_content(pair.a, a);
  const auto plain_b = plain_content(pair.b, b);
  if (!plain_a || !plain_b || plain_a->size() != plain_b->size()) return false;
  std::vector<Mask> inside;
  const std::string name = fmt::format("{}, inflated", a.name);
  if (!explain_region({*plain_a, *plain_b, 0, name}, pair, findings, inside)) return false;
  masks.push_back({a.range, b.range});
  return true;
}

// False when something stays unexplained.
bool explain_in_place(const ElfPair& pair, Findings& findings) {
  std::vector<Mask> masks;
  explain_go_settings(pair, findings, masks);
  for (std::size_t i = 0; i < pair.a.sections.size(); ++i) {
    const ElfSection& a = pair.a.sections[i];
    const ElfSection& b = pair.b.sections[i];
    const std::string_view in_a = pair.a.content(a);
    const std::string_view in_b = pair.b.content(b);
    if (in_a == in_b || explain_identity(a, b, pair, findings, masks)) continue;
    const bool explained = a.compressed()
                               ? explain_compressed(a, b, pair, findings, masks)
                               : explain_region({in_a, in_b, a.range.begin, a.name}, pair, findings, masks);
    if (!explained) findings.unexplained(fmt::format("bytes of {}", a.name));
  }
  if (equal_outside(pair.a.bytes, pair.b.bytes, std::move(masks))) return true;
  // Linkers sort texts, so that another folder may change their order although no length changes.
  explain_folder(pair, findings);
  return false;
}

}  // namespace

std::optional<Cause> of_elf(const Reading& reading) {
  using namespace std::string_view_literals;
  if (!reading.both_start_with("\x7f"
                               "ELF"sv))
    return std::nullopt;
  auto a = parse_elf(reading.a());
  auto b = parse_elf(reading.b());
  if (!a || !b || a->wide != b->wide || a->order != b->order) return std::nullopt;
  const ElfPair pair{*std::move(a), *std::move(b), reading.surroundings};
  Findings findings;
  bool equal = false;
  if (same_layout(pair.a, pair.b)) {
    equal = explain_in_place(pair, findings);
  } else {
    explain_moved(pair, findings);
  }
  auto cause = findings.result(equal);
  // A build id alone names no cause where something else stayed unexplained: that may well be the root.
  if (cause && cause->kind == CauseClass::derived && !cause->proven) return std::nullopt;
  return cause;
}

}  // namespace buildlab::causes::formats
