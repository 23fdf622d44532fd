// cpio in the form of initramfs images and RPM: hexadecimal headers, several archives one after the other,
// the last perhaps compressed.
#include <fmt/format.h>

#include "framework/causes/binary.h"
#include "framework/causes/format_readers.h"
#include "framework/causes/members.h"

namespace buildlab::causes::formats {
namespace {

constexpr const char* k_cpio_fix =
    "touch the files to SOURCE_DATE_EPOCH, sort their names, and pack with `cpio --reproducible -o -H newc "
    "-R 0:0`; "
    "remove an initramfs that the image does not boot";
constexpr Row k_cpio_time{CauseClass::time, "K5", "members of the archive keep modification times",
                          k_cpio_fix};
constexpr Row k_cpio_file{CauseClass::fsmeta, "K5", "members of the archive keep inode and device numbers",
                          k_cpio_fix};
constexpr Row k_cpio_owner{CauseClass::perm, "K5",
                           "members of the archive keep modes and owners of the files", k_cpio_fix};
constexpr Row k_cpio_order{CauseClass::order, "K5", "members of the archive stand in another order",
                           k_cpio_fix};
constexpr Row k_cpio_packing{CauseClass::comp, "K5", "the archive was packed in another way", k_cpio_fix};

constexpr std::size_t k_cpio_head = 110;
constexpr std::size_t k_field = 8;

// Eight hexadecimal digits each, after the magic.
struct CpioField {
  const Row* row;
  const char* what;
  std::size_t index;
};
constexpr CpioField k_fields[] = {{&k_cpio_file, "inode", 0},     {&k_cpio_owner, "mode", 1},
                                  {&k_cpio_owner, "uid", 2},      {&k_cpio_owner, "gid", 3},
                                  {&k_cpio_file, "links", 4},     {&k_cpio_time, "mtime", 5},
                                  {&k_cpio_file, "device", 7},    {&k_cpio_file, "device's minor", 8},
                                  {nullptr, "special device", 9}, {nullptr, "its minor", 10}};
constexpr std::size_t k_size_index = 6;
constexpr std::size_t k_name_index = 11;
constexpr std::size_t k_check_index = 12;

std::string_view cpio_field(std::string_view head, std::size_t index) {
  return head.substr(6 + k_field * index, k_field);
}

std::string shown_cpio_field(const CpioField& field, std::uint64_t value) {
  if (field.row == &k_cpio_time) return moment(value);
  return std::string_view(field.what) == "mode" ? fmt::format("{:o}", value) : fmt::format("{}", value);
}

bool is_cpio(std::string_view bytes) {
  return bytes.starts_with("070701") || bytes.starts_with("070702");
}

std::optional<Archive> parse_cpio(std::string_view bytes) {
  constexpr std::size_t k_longest_name = 65'536;
  const auto aligned = [](std::size_t at) { return (at + 3) / 4 * 4; };
  Archive archive;
  std::size_t at = 0;
  while (is_cpio(slice(bytes, at, 6)) && has(bytes, at, k_cpio_head)) {
    if (archive.members.size() == k_most_members) return std::nullopt;
    const std::string_view head = bytes.substr(at, k_cpio_head);
    const auto size = digits(cpio_field(head, k_size_index), 16);
    const auto name_size = digits(cpio_field(head, k_name_index), 16);
    if (!size || !name_size || *name_size == 0 || *name_size > k_longest_name ||
        !has(bytes, at + k_cpio_head, *name_size)) {
      return std::nullopt;
    }
    const std::size_t data = aligned(at + k_cpio_head + *name_size);
    if (!has(bytes, data, *size)) return std::nullopt;
    Member member;
    member.name = bytes.substr(at + k_cpio_head, *name_size - 1);
    member.data = bytes.substr(data, *size);
    member.checksum = cpio_field(head, k_check_index);
    member.fields.push_back({nullptr, "form", std::string(head.substr(0, 6))});
    for (const CpioField& field : k_fields) {
      const auto value = digits(cpio_field(head, field.index), 16);
      if (!value) return std::nullopt;
      member.fields.push_back({field.row, field.what, shown_cpio_field(field, *value)});
    }
    at = aligned(data + *size);
    const bool last = member.name == "TRAILER!!!";
    archive.members.push_back(std::move(member));
    if (!last) continue;
    at = std::min(bytes.find_first_not_of('\0', at), bytes.size());
  }
  if (archive.members.empty()) return std::nullopt;
  // The kernel unpacks what follows as well, whatever compressed it.
  if (at < bytes.size()) archive.members.push_back({"rest", {}, bytes.substr(at)});
  return archive;
}

}  // namespace

std::optional<Cause> of_cpio(const Reading& reading) {
  if (!is_cpio(reading.a()) || !is_cpio(reading.b())) return std::nullopt;
  const auto a = parse_cpio(reading.a());
  const auto b = a ? parse_cpio(reading.b()) : std::nullopt;
  if (!b) return std::nullopt;
  Findings findings;
  const bool equal = compare_archives(*a, *b, reading, {k_cpio_order, k_cpio_packing}, findings);
  return findings.result(equal);
}

}  // namespace buildlab::causes::formats
