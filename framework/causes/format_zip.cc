// zip, and what is one: jar, war, ear, whl, nupkg.
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "framework/causes/binary.h"
#include "framework/causes/format_readers.h"
#include "framework/causes/inflate.h"
#include "framework/causes/members.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_jar_time{CauseClass::time, "J3", "entries of a Java archive keep the time they were packed",
                         "Maven: project.build.outputTimestamp with maven-jar-plugin 3.2 or newer; Gradle: "
                         "preserveFileTimestamps = false; `jar --date`"};
constexpr Row k_zip_time{
    CauseClass::time, "K4", "entries of a zip archive keep modification times",
    "touch the files to SOURCE_DATE_EPOCH before `zip -X`; for wheels set SOURCE_DATE_EPOCH; zip knows no "
    "time before 1980"};
constexpr Row k_zip_order{
    CauseClass::order, "J4", "entries of the archive stand in another order",
    "sort the names (`find … | sort | zip -X -@`); Gradle: reproducibleFileOrder = true"};
constexpr Row k_zip_mode{CauseClass::perm, "J4", "entries of the archive keep modes and owners of the files",
                         "set a umask and chmod before packing; `zip -X` leaves out owners"};
constexpr Row k_zip_extra{CauseClass::tool, "J4", "entries of the archive carry other extra fields",
                          "pack with the same program and version; `zip -X` leaves extra fields out"};
constexpr Row k_zip_packing{CauseClass::comp, "K4", "the archive was packed in another way",
                            "pack with the same program, version and level"};

constexpr std::size_t k_local_head = 30;
constexpr std::size_t k_central_head = 46;
constexpr std::size_t k_end_head = 22;

// What is kept with FAT times: two seconds are the unit, and no zone is known.
std::string dos_time(std::uint64_t value) {
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", 1980 + (value >> 25), value >> 21 & 15,
                     value >> 16 & 31, value >> 11 & 31, value >> 5 & 63, (value & 31) * 2);
}

// 100 ns since 1601.
std::string ntfs_time(std::uint64_t value) {
  constexpr std::uint64_t k_to_1970 = 11'644'473'600;
  constexpr std::uint64_t k_unit = 10'000'000;
  if (value / k_unit < k_to_1970) return fmt::format("{}", value);
  return moment(value / k_unit - k_to_1970, value % k_unit * 100);
}

const Row& time_row(std::string_view path) {
  for (const std::string_view suffix : {".jar", ".war", ".ear"}) {
    if (path.ends_with(suffix)) return k_jar_time;
  }
  return k_zip_time;
}

// Fields of 0x5455: which times there are, then each; in the central directory only the first.
void add_unix_times(std::string_view content, const std::string& where, const Row& time, Member& member) {
  constexpr const char* k_names[] = {"modified", "accessed", "created"};
  member.fields.push_back({&k_zip_extra, where + " (flags)", lower_hex(content.substr(0, 1))});
  std::size_t at = 1;
  for (const char* name : k_names) {
    if (!has(content, at, 4)) break;
    member.fields.push_back({&time, fmt::format("{} ({})", where, name), moment(le(content, at, 4))});
    at += 4;
  }
  member.fields.push_back({nullptr, where + " (rest)", lower_hex(slice(content, at, content.size()))});
}

void add_ntfs_times(std::string_view content, const std::string& where, const Row& time, Member& member) {
  constexpr const char* k_names[] = {"modified", "accessed", "created"};
  constexpr std::size_t k_times = 8;
  constexpr std::size_t k_ntfs_length = 32;
  if (content.size() != k_ntfs_length) {
    member.fields.push_back({nullptr, where, lower_hex(content)});
    return;
  }
  member.fields.push_back({nullptr, where + " (head)", lower_hex(content.substr(0, k_times))});
  for (std::size_t i = 0; i < std::size(k_names); ++i) {
    member.fields.push_back(
        {&time, fmt::format("{} ({})", where, k_names[i]), ntfs_time(le(content, k_times + 8 * i, 8))});
  }
}

void add_extra_fields(std::string_view extra, const std::string& place, const Row& time, Member& member) {
  std::string ids;
  std::size_t count = 0;
  constexpr std::size_t k_most_fields = 32;
  for (std::size_t at = 0; has(extra, at, 4);) {
    if (count == k_most_fields) {
      member.fields.push_back({nullptr, place + " extra fields' rest", lower_hex(extra.substr(at))});
      break;
    }
    const auto id = le(extra, at, 2);
    const std::string_view content = slice(extra, at + 4, le(extra, at + 2, 2));
    at += 4 + content.size();
    ids += fmt::format("{}0x{:04x}", ids.empty() ? "" : " ", id);
    const std::string where = fmt::format("{} extra field 0x{:04x} #{}", place, id, count++);
    if (id == 0x5455 && !content.empty()) {
      add_unix_times(content, where, time, member);
    } else if (id == 0x000a) {
      add_ntfs_times(content, where, time, member);
    } else if (id == 0x7875 || id == 0x7855) {
      member.fields.push_back({&k_zip_mode, where + " (owner)", lower_hex(content)});
    } else {
      member.fields.push_back({&k_zip_extra, where, lower_hex(content)});
    }
    if (!has(extra, at, 4) && at < extra.size()) {
      member.fields.push_back({nullptr, place + " extra fields' rest", lower_hex(extra.substr(at))});
    }
  }
  member.fields.push_back({&k_zip_extra, place + " extra fields", ids.empty() ? "none" : ids});
}

struct ZipEntry {
  Member member;
  Range local;  // header, data
  bool descriptor = false;
};

void add_heads(std::string_view central, std::string_view local, const Row& time, Member& member) {
  member.fields.push_back({&time, "time", dos_time(le(central, 12, 4))});
  member.fields.push_back({&time, "time in its header", dos_time(le(local, 10, 4))});
  const auto attributes = le(central, 38, 4);
  member.fields.push_back({&k_zip_mode, "mode", fmt::format("{:o}", attributes >> 16)});
  member.fields.push_back({&k_zip_mode, "attributes", fmt::format("{:04x}", attributes & 0xffff)});
  member.fields.push_back({&k_zip_packing, "version, flags and method",
                           lower_hex(central.substr(4, 8)) + lower_hex(local.substr(4, 6))});
  const bool streamed = le(local, 14, 8) == 0 && le(local, 22, 4) == 0;
  const bool same = local.substr(14, 12) == central.substr(16, 12);
  member.fields.push_back({same || streamed ? &k_zip_packing : nullptr, "sizes in its header",
                           same       ? "given"
                           : streamed ? "later"
                                      : lower_hex(local.substr(14, 12))});
  member.fields.push_back({nullptr, "disk and internal attributes", lower_hex(central.substr(34, 4))});
}

std::optional<ZipEntry> parse_zip_entry(std::string_view bytes, std::string_view central,
                                        std::string_view path) {
  using namespace std::string_view_literals;
  const std::size_t name_size = le(central, 28, 2);
  const std::size_t extra_size = le(central, 30, 2);
  const std::size_t packed = le(central, 20, 4);
  const std::size_t size = le(central, 24, 4);
  const std::size_t offset = le(central, 42, 4);
  if (!has(bytes, offset, k_local_head) || packed == 0xffffffff || size == 0xffffffff) return std::nullopt;
  const std::string_view local = bytes.substr(offset);
  if (!local.starts_with("PK\3\4"sv)) return std::nullopt;
  const std::size_t local_name = le(local, 26, 2);
  const std::size_t local_extra = le(local, 28, 2);
  const std::size_t head = k_local_head + local_name + local_extra;
  if (!has(local, head, packed)) return std::nullopt;

  ZipEntry entry;
  entry.local = {offset, head + packed};
  entry.descriptor = (le(local, 6, 2) & 8) != 0;
  Member& member = entry.member;
  member.name = central.substr(k_central_head, name_size);
  member.data = local.substr(head, packed);
  const auto crc = static_cast<std::uint32_t>(le(central, 16, 4));
  member.checksum = fmt::format("{:08x} {}", crc, size);
  const auto method = le(central, 10, 2);
  const std::string_view data = member.data;
  if (method == 8) {
    member.plain = [data, crc, size] { return inflate_deflate(data, crc, static_cast<std::uint32_t>(size)); };
  } else if (method != 0) {
    member.plain = [] { return std::optional<std::string>(); };
  }
  const Row& time = time_row(path);
  add_heads(central, local, time, member);
  add_extra_fields(central.substr(k_central_head + name_size, extra_size), "central", time, member);
  add_extra_fields(local.substr(k_local_head + local_name, local_extra), "local", time, member);
  member.fields.push_back(
      {nullptr, "comment", std::string(central.substr(k_central_head + name_size + extra_size))});
  if (local.substr(k_local_head, local_name) != member.name) {
    member.fields.push_back(
        {nullptr, "name in its header", std::string(local.substr(k_local_head, local_name))});
  }
  return entry;
}

std::optional<std::size_t> find_end(std::string_view bytes) {
  using namespace std::string_view_literals;
  constexpr std::size_t k_longest_comment = 65'535;
  if (bytes.size() < k_end_head) return std::nullopt;
  const std::size_t last = bytes.size() - k_end_head;
  const std::size_t at = bytes.rfind("PK\5\6"sv, last);
  if (at == std::string_view::npos || last - at > k_longest_comment) return std::nullopt;
  return at;
}

// What lies between the entries, in the order of the file. False when two of them overlap.
bool add_gaps(std::string_view bytes, std::vector<const ZipEntry*> entries, std::size_t end,
              std::string& rest) {
  const auto by_place = [](const ZipEntry* a, const ZipEntry* b) { return a->local.begin < b->local.begin; };
  rest += std::is_sorted(entries.begin(), entries.end(), by_place) ? "in order;" : "not in order;";
  std::stable_sort(entries.begin(), entries.end(), by_place);
  std::size_t at = 0;
  bool descriptor = false;
  const auto add_gap = [&](std::size_t until) {
    const std::string_view gap = bytes.substr(at, until - at);
    // Checksum and sizes of the entry before, with or without a mark: they follow from the content.
    if (!descriptor || (gap.size() != 12 && gap.size() != 16)) rest += gap;
  };
  for (const ZipEntry* entry : entries) {
    if (entry->local.begin < at) return false;
    add_gap(entry->local.begin);
    at = entry->local.end();
    descriptor = entry->descriptor;
  }
  if (at > end) return false;
  add_gap(end);
  return true;
}

std::optional<Archive> parse_zip(std::string_view bytes, std::string_view path) {
  using namespace std::string_view_literals;
  const auto end = find_end(bytes);
  if (!end) return std::nullopt;
  const std::size_t count = le(bytes, *end + 10, 2);
  const std::size_t start = le(bytes, *end + 16, 4);
  if (count > k_most_members || start > *end) return std::nullopt;
  std::vector<ZipEntry> entries;
  std::size_t at = start;
  for (std::size_t i = 0; i < count; ++i) {
    if (!has(bytes, at, k_central_head) || bytes.substr(at, 4) != "PK\1\2"sv) return std::nullopt;
    const std::size_t size =
        k_central_head + le(bytes, at + 28, 2) + le(bytes, at + 30, 2) + le(bytes, at + 32, 2);
    if (!has(bytes, at, size)) return std::nullopt;
    auto entry = parse_zip_entry(bytes, bytes.substr(at, size), path);
    if (!entry) return std::nullopt;
    entries.push_back(*std::move(entry));
    at += size;
  }
  if (at > *end) return std::nullopt;
  Archive archive;
  std::vector<const ZipEntry*> places;
  for (const ZipEntry& entry : entries) places.push_back(&entry);
  if (!add_gaps(bytes, places, start, archive.rest)) return std::nullopt;
  // The directory's size and place follow; its comment does not.
  if (le(bytes, *end + 12, 4) != at - start) archive.rest += "a directory of another size;";
  archive.rest += bytes.substr(at, *end - at);
  archive.rest += bytes.substr(*end, 12);
  archive.rest += bytes.substr(*end + 20);
  for (ZipEntry& entry : entries) archive.members.push_back(std::move(entry.member));
  return archive;
}

}  // namespace

std::optional<Cause> of_zip(const Reading& reading) {
  using namespace std::string_view_literals;
  if (!reading.both_start_with("PK\3\4"sv)) return std::nullopt;
  const auto a = parse_zip(reading.a(), reading.pair.path);
  const auto b = a ? parse_zip(reading.b(), reading.pair.path) : std::nullopt;
  if (!b) return std::nullopt;
  Findings findings;
  const bool equal = compare_archives(*a, *b, reading, {k_zip_order, k_zip_packing}, findings);
  return findings.result(equal);
}

}  // namespace buildlab::causes::formats
