#include "framework/drift/facts.h"

#include <fmt/format.h>
#include <set>

namespace buildlab::drift {
namespace {

using image::TarEntry;
using image::TarType;

constexpr std::string_view k_whiteout = ".wh.";
constexpr std::string_view k_opaque = ".wh..wh..opq";

std::string optional_time(const std::optional<image::TarTime>& time) {
  return time ? time_text(*time) : "";
}

bool is_device(TarType type) {
  return type == TarType::character_device || type == TarType::block_device;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

class Collector {
 public:
  Collector(const TarEntry& a, const TarEntry& b) : m_path(a.path), m_kind(kind_of(a)), m_a(a), m_b(b) {}

  void add(Attribute attribute, std::string a, std::string b, std::string key = "",
           bool representation = false) {
    if (a == b) return;
    Difference difference;
    difference.path = m_path;
    difference.kind = m_kind;
    difference.attribute = attribute;
    difference.key = std::move(key);
    difference.a = std::move(a);
    difference.b = std::move(b);
    difference.representation = representation;
    m_found.push_back(std::move(difference));
  }

  void add_values(Attribute attribute, const std::map<std::string, std::string>& a,
                  const std::map<std::string, std::string>& b, bool representation) {
    std::set<std::string> keys;
    for (const auto& [key, value] : a) keys.insert(key);
    for (const auto& [key, value] : b) keys.insert(key);
    for (const std::string& key : keys) {
      const auto in_a = a.find(key);
      const auto in_b = b.find(key);
      if (in_a != a.end() && in_b != b.end() && in_a->second == in_b->second) continue;
      const auto text = [](const auto& found, const auto& map) {
        return found == map.end() ? std::string("(absent)") : "0x" + hex(found->second);
      };
      add(attribute, text(in_a, a), text(in_b, b), key, representation);
    }
  }

  std::vector<Difference> all() && {
    add(Attribute::mode, fmt::format("{:o}", m_a.mode), fmt::format("{:o}", m_b.mode));
    add(Attribute::uid, fmt::format("{}", m_a.uid), fmt::format("{}", m_b.uid));
    add(Attribute::gid, fmt::format("{}", m_a.gid), fmt::format("{}", m_b.gid));
    add(Attribute::uname, m_a.uname, m_b.uname);
    add(Attribute::gname, m_a.gname, m_b.gname);
    add(Attribute::mtime, time_text(m_a.mtime), time_text(m_b.mtime));
    add(Attribute::atime, optional_time(m_a.atime), optional_time(m_b.atime));
    add(Attribute::ctime, optional_time(m_a.ctime), optional_time(m_b.ctime));
    add_values(Attribute::xattr, m_a.xattrs, m_b.xattrs, false);
    if (is_device(m_a.type) && is_device(m_b.type)) {
      add(Attribute::device, fmt::format("{}:{}", m_a.device_major, m_a.device_minor),
          fmt::format("{}:{}", m_b.device_major, m_b.device_minor));
    }
    if (m_a.type == TarType::symlink && m_b.type == TarType::symlink) {
      add(Attribute::linktarget, m_a.link, m_b.link);
    }
    // Some attributes need the pax format: then its use only follows from them.
    if (m_found.empty()) add_format();
    const bool same_link = m_a.type == m_b.type && m_a.link == m_b.link && m_a.size == m_b.size;
    if (m_found.empty() && same_link && m_a.header != m_b.header) {
      std::size_t at = 0;
      while (at < m_a.header.size() && at < m_b.header.size() && m_a.header[at] == m_b.header[at]) ++at;
      const auto bytes = [at](const std::string& header) {
        return fmt::format("0x{} at byte {} of the header", hex(std::string_view(header).substr(at, 8)), at);
      };
      add(Attribute::format, bytes(m_a.header), bytes(m_b.header), "header", true);
    }
    return std::move(m_found);
  }

 private:
  void add_format() {
    add_values(Attribute::format, m_a.records, m_b.records, true);
    add(Attribute::format, m_a.written_path, m_b.written_path, "path", true);
    if (m_a.format != m_b.format) {
      add(Attribute::format, std::string(to_string(m_a.format)), std::string(to_string(m_b.format)), "",
          true);
    } else {
      add(Attribute::format, m_a.pax_name, m_b.pax_name, "pax header", true);
    }
  }

  const std::string& m_path;
  EntryKind m_kind;
  const TarEntry& m_a;
  const TarEntry& m_b;
  std::vector<Difference> m_found;
};

}  // namespace

EntryKind kind_of(const TarEntry& entry) {
  const std::size_t slash = entry.path.rfind('/');
  const std::string_view name =
      std::string_view(entry.path).substr(slash == std::string::npos ? 0 : slash + 1);
  if (name == k_opaque) return EntryKind::opaque;
  if (name.starts_with(k_whiteout)) return EntryKind::whiteout;
  switch (entry.type) {
    case TarType::file:
      return EntryKind::file;
    case TarType::hardlink:
      return EntryKind::hardlink;
    case TarType::symlink:
      return EntryKind::symlink;
    case TarType::character_device:
      return EntryKind::character_device;
    case TarType::block_device:
      return EntryKind::block_device;
    case TarType::directory:
      return EntryKind::directory;
    case TarType::fifo:
      return EntryKind::fifo;
  }
  return EntryKind::file;
}

std::string_view to_string(EntryKind kind) {
  switch (kind) {
    case EntryKind::file:
      return "file";
    case EntryKind::directory:
      return "directory";
    case EntryKind::symlink:
      return "symlink";
    case EntryKind::hardlink:
      return "hardlink";
    case EntryKind::character_device:
      return "character device";
    case EntryKind::block_device:
      return "block device";
    case EntryKind::fifo:
      return "fifo";
    case EntryKind::whiteout:
      return "whiteout";
    case EntryKind::opaque:
      return "opaque whiteout";
  }
  return "";
}

std::string time_text(const image::TarTime& time) {
  return time.nanoseconds == 0 ? fmt::format("{}", time.seconds)
                               : fmt::format("{}.{:09}", time.seconds, time.nanoseconds);
}

std::string type_text(const TarEntry& entry) {
  const EntryKind kind = kind_of(entry);
  if (kind == EntryKind::hardlink || kind == EntryKind::symlink) {
    return fmt::format("{} to {}", to_string(kind), entry.link);
  }
  return std::string(to_string(kind));
}

std::vector<Difference> differences_of_headers(const TarEntry& a, const TarEntry& b) {
  if (a.header == b.header && !a.header.empty()) return {};
  return Collector(a, b).all();
}

}  // namespace buildlab::drift
