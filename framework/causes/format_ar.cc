// ar: static libraries, and Debian's packages.
#include <algorithm>

#include <fmt/format.h>

#include "framework/causes/binary.h"
#include "framework/causes/format_readers.h"
#include "framework/causes/members.h"

namespace buildlab::causes::formats {
namespace {

constexpr const char* k_ar_fix =
    "create the library with `ar D` and index it with `ranlib -D` (CMake: CMAKE_<LANG>_ARCHIVE_CREATE "
    "\"<CMAKE_AR> "
    "qcD …\")";
constexpr Row k_ar_time{CauseClass::time, "H10", "members of the library keep the time they were packed",
                        k_ar_fix};
constexpr Row k_ar_owner{CauseClass::perm, "H10", "members of the library keep modes and owners of the files",
                         k_ar_fix};
constexpr Row k_ar_order{CauseClass::order, "H10", "members of the library stand in another order",
                         "sort the object files before they are passed to ar"};
constexpr Row k_ar_index{CauseClass::derived, "H10",
                         "the library's index of symbols follows from its members",
                         "mend the differences of the members"};
constexpr Row k_ar_packing{CauseClass::comp, "H10", "a member was packed in another way", k_ar_fix};

constexpr std::size_t k_ar_head = 60;

std::string trimmed_field(std::string_view text) {
  const std::size_t end = text.find_last_not_of(' ');
  return std::string(text.substr(0, end == std::string_view::npos ? 0 : end + 1));
}

// "/17" names what stands there in the table of long names; "#1/20" (BSD) names the first 20 bytes of the
// data.
bool resolve_name(std::string_view names, Member& member) {
  if (member.name.size() > 1 && member.name[0] == '/' && is_decimal(member.name[1])) {
    const auto at = digits(std::string_view(member.name).substr(1), 10);
    if (!at || *at >= names.size()) return false;
    constexpr std::size_t k_longest = 4096;
    const std::string_view name = names.substr(*at, k_longest);
    member.name = name.substr(0, name.find('\n'));
  } else if (member.name.starts_with("#1/")) {
    const auto size = digits(std::string_view(member.name).substr(3), 10);
    if (!size || *size > member.data.size()) return false;
    member.name = trimmed_field(member.data.substr(0, *size));
    member.data.remove_prefix(*size);
    return true;
  }
  if (member.name.size() > 1 && member.name.ends_with('/') && member.name != "//") member.name.pop_back();
  return true;
}

std::optional<Archive> parse_ar(std::string_view bytes) {
  Archive archive;
  std::string_view names;
  for (std::size_t at = 8; at < bytes.size();) {
    if (!has(bytes, at, k_ar_head) || archive.members.size() == k_most_members) return std::nullopt;
    const std::string_view head = bytes.substr(at, k_ar_head);
    const auto size = digits(head.substr(48, 10), 10);
    if (!size || head.substr(58) != "`\n" || !has(bytes, at + k_ar_head, *size)) return std::nullopt;
    Member member;
    member.name = trimmed_field(head.substr(0, 16));
    member.data = bytes.substr(at + k_ar_head, *size);
    const auto seconds = digits(head.substr(16, 12), 10);
    member.fields.push_back(
        {&k_ar_time, "mtime", seconds ? moment(*seconds) : trimmed_field(head.substr(16, 12))});
    member.fields.push_back({&k_ar_owner, "uid", trimmed_field(head.substr(28, 6))});
    member.fields.push_back({&k_ar_owner, "gid", trimmed_field(head.substr(34, 6))});
    member.fields.push_back({&k_ar_owner, "mode", trimmed_field(head.substr(40, 8))});
    at += k_ar_head + *size;
    if (at % 2 != 0 && at < bytes.size()) {
      if (bytes[at] != '\n') archive.rest += bytes[at];
      ++at;
    }
    if (member.name == "//") names = member.data;
    if (member.name == "/" || member.name == "/SYM64/" || member.name == "__.SYMDEF") {
      member.fields.push_back({&k_ar_index, "index", lower_hex(member.data)});
      member.data = {};
    } else if (!resolve_name(names, member)) {
      return std::nullopt;
    }
    archive.members.push_back(std::move(member));
  }
  return archive;
}

}  // namespace

std::optional<Cause> of_ar(const Reading& reading) {
  if (!reading.both_start_with("!<arch>\n")) return std::nullopt;
  const auto a = parse_ar(reading.a());
  const auto b = a ? parse_ar(reading.b()) : std::nullopt;
  if (!b) return std::nullopt;
  Findings findings;
  const bool equal = compare_archives(*a, *b, reading, {k_ar_order, k_ar_packing}, findings);
  return findings.result(equal);
}

}  // namespace buildlab::causes::formats
