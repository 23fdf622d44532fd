// tar in all its dialects (ustar, GNU, pax). The blocks are read here and not by libarchive, so that each
// byte of a header is accounted for.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "framework/causes/binary.h"
#include "framework/causes/format_readers.h"
#include "framework/causes/members.h"

namespace buildlab::causes::formats {
namespace {

constexpr const char* k_tar_fix =
    "pack with `tar --sort=name --mtime=@$SOURCE_DATE_EPOCH --owner=0 --group=0 --numeric-owner "
    "--format=posix "
    "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime`";
constexpr Row k_tar_time{CauseClass::time, "K7", "members of the archive keep modification times", k_tar_fix};
constexpr Row k_apk_time{
    CauseClass::time, "C1", "apk writes the time of the installation into its archive of scripts",
    "ENV SOURCE_DATE_EPOCH (apk honours it), or `apk add` in a stage whose database is not kept"};
constexpr Row k_tar_access{CauseClass::time, "A31", "the archive keeps when its files were read or changed",
                           k_tar_fix};
constexpr Row k_tar_pid{CauseClass::rand, "A31",
                        "the number of tar's process stands in the names of its headers", k_tar_fix};
constexpr Row k_tar_owner{CauseClass::perm, "K7", "members of the archive keep modes and owners of the files",
                          k_tar_fix};
constexpr Row k_tar_xattr{CauseClass::xattr, "K7", "members of the archive keep extended attributes",
                          "pack with `tar --no-xattrs --no-selinux --no-acls`"};
constexpr Row k_tar_file{CauseClass::fsmeta, "K7", "members of the archive keep numbers of the file system",
                         k_tar_fix};
constexpr Row k_tar_order{CauseClass::order, "K7", "members of the archive stand in another order",
                          k_tar_fix};
constexpr Row k_tar_form{CauseClass::tool, "K7", "the archive was written in another form",
                         "pack with the same program, version and --format"};
constexpr Row k_tar_commit{CauseClass::vers, "K7", "git archive keeps the commit in the archive",
                           "pack the same commit, or a tree (`git archive COMMIT^{tree}`)"};
constexpr Row k_tar_packing{CauseClass::comp, "K7", "a member was packed in another way", k_tar_fix};

constexpr std::size_t k_block = 512;

struct TextPart {
  std::size_t at, size;
};
constexpr TextPart k_name{0, 100};
constexpr TextPart k_mode{100, 8};
constexpr TextPart k_uid{108, 8};
constexpr TextPart k_gid{116, 8};
constexpr TextPart k_size{124, 12};
constexpr TextPart k_mtime{136, 12};
constexpr TextPart k_checksum{148, 8};
constexpr TextPart k_link{157, 100};
constexpr TextPart k_uname{265, 32};
constexpr TextPart k_gname{297, 32};
constexpr TextPart k_major{329, 8};
constexpr TextPart k_minor{337, 8};
constexpr TextPart k_prefix{345, 155};
// In GNU's dialect in place of the prefix.
constexpr TextPart k_gnu_atime{345, 12};
constexpr TextPart k_gnu_ctime{357, 12};

std::string_view part(std::string_view header, TextPart where) {
  return header.substr(where.at, where.size);
}
std::string text_part(std::string_view header, TextPart where) {
  const std::string_view text = part(header, where);
  return std::string(text.substr(0, text.find('\0')));
}
bool is_gnu(std::string_view header) {
  return header.substr(257, 8) == std::string_view("ustar  \0", 8);
}
bool is_ustar(std::string_view header) {
  return header.substr(257, 6) == std::string_view("ustar\0", 6);
}

// Octal, or GNU's binary form with the highest bit set. nullopt: neither, negative or too large.
std::optional<std::uint64_t> tar_number(std::string_view text) {
  if (text.empty() || (static_cast<unsigned char>(text[0]) & 0x80U) == 0) return digits(text, 8);
  std::string rest(text);
  rest[0] = static_cast<char>(static_cast<unsigned char>(rest[0]) & 0x7fU);
  const std::size_t head = rest.size() > 8 ? rest.size() - 8 : 0;
  if (rest.find_first_not_of('\0') < head) return std::nullopt;
  return be(rest, head, rest.size() - head);
}

bool checksum_fits(std::string_view header) {
  const auto stated = tar_number(part(header, k_checksum));
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < k_block; ++i) {
    const bool own = i >= k_checksum.at && i < k_checksum.at + k_checksum.size;
    sum += own ? ' ' : static_cast<unsigned char>(header[i]);
  }
  return stated == sum;
}

// The header without what its fields say: how numbers are written, what stands behind texts, magic, padding.
std::string form_of(std::string_view header) {
  std::string form(header);
  const auto blank_number = [&](TextPart where) {
    const bool binary = (static_cast<unsigned char>(header[where.at]) & 0x80U) != 0;
    for (std::size_t i = where.at; i < where.at + where.size; ++i) {
      if (binary || (form[i] >= '0' && form[i] <= '7')) form[i] = binary ? 'B' : 'd';
    }
  };
  const auto blank_text = [&](TextPart where) {
    for (std::size_t i = where.at; i < where.at + where.size && form[i] != '\0'; ++i) form[i] = 't';
  };
  for (const TextPart where : {k_mode, k_uid, k_gid, k_size, k_mtime, k_checksum, k_major, k_minor})
    blank_number(where);
  for (const TextPart where : {k_name, k_link, k_uname, k_gname}) blank_text(where);
  if (is_ustar(header)) blank_text(k_prefix);
  if (is_gnu(header)) {
    blank_number(k_gnu_atime);
    blank_number(k_gnu_ctime);
  }
  return form;
}

std::string shown_number(std::string_view text, bool octal) {
  const auto value = tar_number(text);
  if (!value) return lower_hex(text);
  return octal ? fmt::format("{:o}", *value) : fmt::format("{}", *value);
}
std::string shown_seconds(std::string_view text) {
  const auto value = tar_number(text);
  return value ? moment(*value) : lower_hex(text);
}

class TarReader {
 public:
  TarReader(std::string_view bytes, std::string_view path)
      : m_bytes(bytes), m_time(path.ends_with("lib/apk/db/scripts.tar") ? k_apk_time : k_tar_time) {}

  std::optional<Archive> read() {
    while (has(m_bytes, m_at, k_block)) {
      const std::string_view header = m_bytes.substr(m_at, k_block);
      if (header.find_first_not_of('\0') == std::string_view::npos) break;
      if (!checksum_fits(header) || m_archive.members.size() == k_most_members || !entry(header))
        return std::nullopt;
    }
    if (m_archive.members.empty() || !m_next.fields.empty()) return std::nullopt;
    end();
    return std::move(m_archive);
  }

 private:
  void add(const Row* row, const std::string& what, std::string value) {
    m_next.fields.push_back({row, m_of + what, std::move(value)});
  }

  bool entry(std::string_view header) {
    const char type = header[156];
    const auto stated = tar_number(part(header, k_size));
    if (!stated) return false;
    std::uint64_t size = *stated;
    const bool extension = type == 'x' || type == 'X' || type == 'g' || type == 'L' || type == 'K';
    if (!extension && m_size) size = *m_size;
    if (type == '1' && size != 0) return false;
    if (type == 'S' && header[482] != 0) return false;
    if (type >= '2' && type <= '6') size = 0;
    if (!has(m_bytes, m_at + k_block, size)) return false;
    const std::string_view data = m_bytes.substr(m_at + k_block, size);
    const std::size_t padded = (size + k_block - 1) / k_block * k_block;
    const std::string_view padding = slice(m_bytes, m_at + k_block + size, padded - size);
    if (padding.find_first_not_of('\0') != std::string_view::npos) m_archive.rest += padding;
    m_at = std::min(m_bytes.size(), m_at + k_block + padded);

    m_of = extension ? fmt::format("header '{}' before it, ", type) : "";
    fields(header);
    if (!extension) return member(header, data);
    if (type == 'g') return global(header, data);
    if (type == 'x' || type == 'X') return extended(header, data);
    std::string text(data.substr(0, data.find('\0')));
    add(nullptr, "rest", lower_hex(data.substr(text.size(), 64)));
    (type == 'L' ? m_name : m_link) = std::move(text);
    return true;
  }

  void fields(std::string_view header) {
    add(&m_time, "mtime", shown_seconds(part(header, k_mtime)));
    add(&k_tar_owner, "mode", shown_number(part(header, k_mode), true));
    add(&k_tar_owner, "uid", shown_number(part(header, k_uid), false));
    add(&k_tar_owner, "gid", shown_number(part(header, k_gid), false));
    add(&k_tar_owner, "user", text_part(header, k_uname));
    add(&k_tar_owner, "group", text_part(header, k_gname));
    add(nullptr, "device",
        shown_number(part(header, k_major), false) + ":" + shown_number(part(header, k_minor), false));
    add(nullptr, "type", std::string(1, header[156]));
    if (is_gnu(header)) {
      add(&k_tar_access, "atime", shown_seconds(part(header, k_gnu_atime)));
      add(&k_tar_access, "ctime", shown_seconds(part(header, k_gnu_ctime)));
    }
    add(&k_tar_form, "form", lower_hex(form_of(header)));
  }

  bool member(std::string_view header, std::string_view data) {
    std::string name = text_part(header, k_name);
    const std::string prefix = is_ustar(header) ? text_part(header, k_prefix) : "";
    if (!prefix.empty()) name = prefix + "/" + name;
    add(nullptr, "link", m_link.value_or(text_part(header, k_link)));
    // Where another header names it, this one may name it otherwise.
    if (m_name) add(nullptr, "short name", name);
    if (m_link) add(nullptr, "short link", text_part(header, k_link));
    m_next.name = m_name.value_or(name);
    m_next.data = data;
    m_archive.members.push_back(std::move(m_next));
    m_next = {};
    m_name.reset();
    m_link.reset();
    m_size.reset();
    return true;
  }

  // ".../PaxHeaders.1234/name": the digits are the number of the process that wrote it.
  void extended_name(std::string_view header) {
    constexpr std::string_view k_mark = "PaxHeaders.";
    const std::string name = text_part(header, k_name);
    const std::size_t mark = name.find(k_mark);
    if (mark == std::string::npos) return add(nullptr, "name", name);
    const std::size_t begin = mark + k_mark.size();
    std::size_t end = begin;
    while (end < name.size() && is_decimal(name[end])) ++end;
    // A number with more digits leaves less room for what follows it.
    add(&k_tar_pid, "process", name.substr(begin, end - begin));
    add(nullptr, "name", name.substr(0, begin) + name.substr(end));
  }

  bool extended(std::string_view header, std::string_view data) {
    extended_name(header);
    return records(data, false);
  }

  bool global(std::string_view header, std::string_view data) {
    add(nullptr, "name", text_part(header, k_name));
    if (!records(data, true)) return false;
    m_next.name = "pax_global_header";
    m_archive.members.push_back(std::move(m_next));
    m_next = {};
    return true;
  }

  // "30 mtime=1795514400.123456789\n": the length counts itself.
  bool records(std::string_view data, bool global) {
    constexpr std::size_t k_most_records = 256;
    for (std::size_t count = 0; !data.empty(); ++count) {
      const std::size_t blank = data.find(' ');
      if (blank > 10 || count == k_most_records) return false;
      const auto length = digits(data.substr(0, blank), 10);
      if (!length || *length < blank + 2 || *length > data.size() || data[*length - 1] != '\n') return false;
      const std::string_view record = data.substr(blank + 1, *length - blank - 2);
      const std::size_t equals = record.find('=');
      if (equals == std::string_view::npos) return false;
      this->record(record.substr(0, equals), record.substr(equals + 1), global);
      data.remove_prefix(*length);
    }
    return true;
  }

  void record(std::string_view key, std::string_view value, bool global) {
    if (!global && key == "path") m_name = value;
    if (!global && key == "linkpath") m_link = value;
    if (!global && key == "size") m_size = digits(value, 10);
    if (key == "path" || key == "linkpath") return;  // compared as the member's name and link
    if (key == "size") return;                       // follows from the content
    add(row_of_record(key, global), fmt::format("record {}", key), shown_record(key, value));
  }

  const Row* row_of_record(std::string_view key, bool global) const {
    if (key == "mtime") return &m_time;
    if (key == "atime" || key == "ctime" || key == "LIBARCHIVE.creationtime") return &k_tar_access;
    if (key == "uid" || key == "gid" || key == "uname" || key == "gname") return &k_tar_owner;
    if (key.starts_with("SCHILY.xattr.") || key.starts_with("LIBARCHIVE.xattr.") ||
        key.starts_with("SCHILY.acl.") || key == "RHT.security.selinux") {
      return &k_tar_xattr;
    }
    if (key == "SCHILY.dev" || key == "SCHILY.ino" || key == "SCHILY.nlink") return &k_tar_file;
    return key == "comment" && global ? &k_tar_commit : nullptr;
  }

  static std::string shown_record(std::string_view key, std::string_view value) {
    if (!key.ends_with("time")) return std::string(value);
    const std::size_t dot = value.find('.');
    const auto seconds = digits(value.substr(0, dot), 10);
    const std::string_view fraction = dot == std::string_view::npos ? "" : value.substr(dot + 1);
    // Only what comes back as the same text may be shown as a moment.
    if (!seconds || fraction.size() > 9 || fraction.ends_with('0')) return std::string(value);
    const std::string text = moment(*seconds);
    return fraction.empty() || !text.ends_with('Z')
               ? text + std::string(fraction)
               : fmt::format("{}.{}Z", text.substr(0, text.size() - 1), fraction);
  }

  // What follows the last member: zeros, up to a whole record.
  void end() {
    constexpr std::size_t k_record = 20 * k_block;
    const std::string_view left = m_bytes.substr(m_at);
    if (left.find_first_not_of('\0') != std::string_view::npos) m_archive.rest += left;
    const bool whole = m_bytes.size() % k_record == 0;
    m_archive.members.push_back(
        {"(end of the archive)",
         {{&k_tar_form, "zeros", whole ? "to a whole record" : std::to_string(left.size())}},
         {}});
  }

  std::string_view m_bytes;
  const Row& m_time;
  std::size_t m_at = 0;
  Archive m_archive;
  // Of the member that the headers read so far are for.
  Member m_next;
  std::string m_of;
  std::optional<std::string> m_name;
  std::optional<std::string> m_link;
  std::optional<std::uint64_t> m_size;
};

bool begins_as_tar(std::string_view bytes, std::string_view path) {
  if (bytes.size() < k_block) return false;
  return is_ustar(bytes) || is_gnu(bytes) || path.ends_with(".tar");
}

}  // namespace

std::optional<Cause> of_tar(const Reading& reading) {
  if (!begins_as_tar(reading.a(), reading.pair.path) || !begins_as_tar(reading.b(), reading.pair.path)) {
    return std::nullopt;
  }
  const auto a = TarReader(reading.a(), reading.pair.path).read();
  const auto b = a ? TarReader(reading.b(), reading.pair.path).read() : std::nullopt;
  if (!b) return std::nullopt;
  Findings findings;
  const bool equal = compare_archives(*a, *b, reading, {k_tar_order, k_tar_packing}, findings);
  return findings.result(equal);
}

}  // namespace buildlab::causes::formats
