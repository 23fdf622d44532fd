#include "framework/image/tar_reader.h"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>

#include "framework/base/text.h"
#include "framework/image/tar_fields.h"

namespace buildlab::image {
namespace {

// A pax header or a long name beyond this is no header but an attack on memory. Xattrs may have 64 KiB each
// on Linux (xattr(7)), and an entry has few.
constexpr std::uint64_t k_max_header = 1U << 20U;
// Header blocks before one entry: pax and GNU headers of the kinds L, K, x and g, each once in what is
// written.
constexpr int k_max_extra_headers = 16;

struct Field {
  std::size_t at;
  std::size_t size;
};
constexpr Field k_name{0, 100};
constexpr Field k_mode{100, 8};
constexpr Field k_uid{108, 8};
constexpr Field k_gid{116, 8};
constexpr Field k_size{124, 12};
constexpr Field k_mtime{136, 12};
constexpr std::size_t k_type_at = 156;
constexpr Field k_link{157, 100};
constexpr Field k_magic{257, 8};
constexpr Field k_uname{265, 32};
constexpr Field k_gname{297, 32};
constexpr Field k_major{329, 8};
constexpr Field k_minor{337, 8};
constexpr Field k_prefix{345, 155};
constexpr Field k_gnu_atime{345, 12};
constexpr Field k_gnu_ctime{357, 12};

std::string_view get(std::string_view block, Field field) {
  return block.substr(field.at, field.size);
}

bool all_zeros(std::string_view text) {
  return text.find_first_not_of('\0') == std::string_view::npos;
}

std::optional<TarType> type_of(char flag) {
  switch (flag) {
    case '0':
    case '\0':
    case '7':  // contiguous, treated as a file by all (POSIX)
      return TarType::file;
    case '1':
      return TarType::hardlink;
    case '2':
      return TarType::symlink;
    case '3':
      return TarType::character_device;
    case '4':
      return TarType::block_device;
    case '5':
      return TarType::directory;
    case '6':
      return TarType::fifo;
    default:
      return std::nullopt;
  }
}

std::uint64_t padding_of(std::uint64_t size) {
  return (k_tar_block - size % k_tar_block) % k_tar_block;
}

}  // namespace

std::string_view to_string(TarFormat format) {
  switch (format) {
    case TarFormat::v7:
      return "v7";
    case TarFormat::ustar:
      return "ustar";
    case TarFormat::gnu:
      return "gnu";
    case TarFormat::pax:
      return "pax";
  }
  return "";
}

tl::unexpected<Error> TarReader::problem(std::string_view what) const {
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: at byte {} of the tar: {}", m_name, m_offset, what));
}

Result<bool> TarReader::read_block() {
  m_block.clear();
  while (m_block.size() < k_tar_block) {
    if (m_piece.empty()) {
      BUILDLAB_ASSIGN(m_piece, m_source.next());
      if (m_piece.empty()) break;
    }
    const std::size_t taken = std::min(k_tar_block - m_block.size(), m_piece.size());
    m_block.append(m_piece.substr(0, taken));
    m_piece.remove_prefix(taken);
  }
  m_offset += m_block.size();
  if (m_block.empty()) return false;
  if (m_block.size() < k_tar_block) return problem("it ends inside a header");
  return true;
}

Status TarReader::skip(std::uint64_t count) {
  while (count > 0) {
    if (m_piece.empty()) {
      BUILDLAB_ASSIGN(m_piece, m_source.next());
      if (m_piece.empty()) return problem(fmt::format("it ends {} bytes before its entry does", count));
    }
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(count, m_piece.size()));
    m_piece.remove_prefix(taken);
    m_offset += taken;
    count -= taken;
  }
  return {};
}

Result<std::string_view> TarReader::read() {
  if (m_content_left == 0) return std::string_view();
  if (m_piece.empty()) {
    BUILDLAB_ASSIGN(m_piece, m_source.next());
    if (m_piece.empty()) {
      return problem(
          fmt::format("it ends {} bytes before \"{}\" does", m_content_left, one_line(m_entry.path, 120)));
    }
  }
  const std::string_view piece =
      m_piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(m_content_left, m_piece.size())));
  m_piece.remove_prefix(piece.size());
  m_offset += piece.size();
  m_content_left -= piece.size();
  return piece;
}

Result<std::string> TarReader::read_small(std::uint64_t size, std::string_view what) {
  if (size > k_max_header) {
    return problem(fmt::format("{} has {} bytes, more than any real one", what, size));
  }
  std::string text;
  while (text.size() < size) {
    if (m_piece.empty()) {
      BUILDLAB_ASSIGN(m_piece, m_source.next());
      if (m_piece.empty()) return problem(fmt::format("it ends inside {}", what));
    }
    const auto taken = std::min(static_cast<std::size_t>(size) - text.size(), m_piece.size());
    text.append(m_piece.substr(0, taken));
    m_piece.remove_prefix(taken);
    m_offset += taken;
  }
  m_entry.header += text;
  const std::uint64_t padding = padding_of(size);
  m_entry.header.append(static_cast<std::size_t>(padding), '\0');
  BUILDLAB_TRY(skip(padding));
  return text;
}

Status TarReader::check_path(const std::string& path, std::string_view what) {
  for (const std::string_view part : split(path, '/')) {
    if (part == "..") {
      return problem(fmt::format("{} \"{}\" leaves the image", what, one_line(path, 120)));
    }
  }
  if (path.find('\0') != std::string::npos) return problem(fmt::format("{} has a NUL in it", what));
  return {};
}

// "LENGTH KEY=VALUE\n", the length counting itself.
Status TarReader::take_pax(std::string_view text) {
  while (!text.empty() && !all_zeros(text)) {
    std::size_t length = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + std::min<std::size_t>(text.size(), 8), length);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (error != std::errc() || length > text.size() || length < digits + 3 || text[digits] != ' ' ||
        text[length - 1] != '\n') {
      return problem("a pax header is no list of records");
    }
    const std::string_view record = text.substr(digits + 1, length - digits - 2);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos || equals == 0) return problem("a pax record has no key");
    BUILDLAB_TRY(take_record(record.substr(0, equals), record.substr(equals + 1)));
    text.remove_prefix(length);
  }
  return {};
}

Status TarReader::take_record(std::string_view key, std::string_view value) {
  constexpr std::string_view k_xattr = "SCHILY.xattr.";
  if (key.starts_with(k_xattr)) {
    m_entry.xattrs[std::string(key.substr(k_xattr.size()))] = value;
  } else if (key == "path" || key == "GNU.sparse.name") {
    m_pax_path = value;
  } else if (key == "linkpath") {
    m_pax_link = value;
  } else if (key == "size") {
    m_pax_size = pax_number(value);
    if (!m_pax_size) return problem(fmt::format("the pax size \"{}\" is none", one_line(value, 40)));
  } else if (key == "uid" || key == "gid" || key == "uname" || key == "gname" || key == "mtime" ||
             key == "atime" || key == "ctime") {
    m_numbers[std::string(key)] = value;
  } else if (key.starts_with("GNU.sparse.") && key != "GNU.sparse.name") {
    return problem("a sparse file, which no image builder writes and cannot be compared");
  } else {
    m_entry.records[std::string(key)] = value;
  }
  return {};
}

Status TarReader::parse_header() {
  const std::string_view block = m_block;
  const std::string_view magic = get(block, k_magic);
  const bool ustar = magic.starts_with(std::string_view("ustar\0", 6));
  const bool gnu = magic == std::string_view("ustar  \0", 8);
  TarEntry& entry = m_entry;
  if (entry.format != TarFormat::pax) {
    const bool long_names = entry.format == TarFormat::gnu;
    entry.format = gnu || long_names ? TarFormat::gnu : ustar ? TarFormat::ustar : TarFormat::v7;
  }
  const auto number = [&](Field field) { return tar_number(get(block, field)); };
  const auto mode = number(k_mode);
  const auto uid = number(k_uid);
  const auto gid = number(k_gid);
  const auto size = number(k_size);
  const auto mtime = number(k_mtime);
  if (!mode || !uid || !gid || !mtime) return problem("a header has a number that is none");
  if (!size || *size < 0) return problem("a header has a size that is none");
  const auto type = type_of(block[k_type_at]);
  if (!type) return problem(fmt::format("an entry of type '{}', which images do not have", block[k_type_at]));
  entry.type = *type;
  entry.mode = static_cast<std::uint32_t>(*mode) & 07777U;
  entry.uid = static_cast<std::uint64_t>(*uid);
  entry.gid = static_cast<std::uint64_t>(*gid);
  entry.mtime.seconds = *mtime;
  entry.size = static_cast<std::uint64_t>(*size);
  std::string name(tar_text(get(block, k_name)));
  if (ustar) {
    const std::string_view prefix = tar_text(get(block, k_prefix));
    if (!prefix.empty()) name = std::string(prefix) + "/" + name;
  }
  if (gnu) {
    const std::string_view atime = get(block, k_gnu_atime);
    const std::string_view ctime = get(block, k_gnu_ctime);
    if (!all_zeros(atime)) entry.atime = TarTime{tar_number(atime).value_or(0), 0};
    if (!all_zeros(ctime)) entry.ctime = TarTime{tar_number(ctime).value_or(0), 0};
  }
  if (ustar || gnu) {
    entry.uname = tar_text(get(block, k_uname));
    entry.gname = tar_text(get(block, k_gname));
    if (*type == TarType::character_device || *type == TarType::block_device) {
      entry.device_major = static_cast<std::uint64_t>(number(k_major).value_or(0));
      entry.device_minor = static_cast<std::uint64_t>(number(k_minor).value_or(0));
    }
  }
  entry.written_path = m_pax_path ? std::move(*m_pax_path) : std::move(name);
  entry.link = m_pax_link ? std::move(*m_pax_link) : std::string(tar_text(get(block, k_link)));
  if (m_pax_size) entry.size = *m_pax_size;
  // v7 has no type for folders: a trailing slash tells (GNU tar manual).
  if (*type == TarType::file && entry.written_path.ends_with('/')) entry.type = TarType::directory;
  return finish_entry();
}

Status TarReader::finish_entry() {
  TarEntry& entry = m_entry;
  for (const auto& [key, value] : m_numbers) {
    bool right = true;
    if (key == "uname") {
      entry.uname = value;
    } else if (key == "gname") {
      entry.gname = value;
    } else if (key == "uid" || key == "gid") {
      const auto id = pax_number(value);
      right = id.has_value();
      (key == "uid" ? entry.uid : entry.gid) = id.value_or(0);
    } else {
      const auto time = pax_time(value);
      right = time.has_value();
      if (key == "mtime") entry.mtime = time.value_or(TarTime{});
      if (key == "atime") entry.atime = time;
      if (key == "ctime") entry.ctime = time;
    }
    if (!right) return problem(fmt::format("the pax {} \"{}\" is none", key, one_line(value, 40)));
  }
  BUILDLAB_TRY(check_path(entry.written_path, "entry"));
  entry.path = canonical_path(entry.written_path);
  if (entry.path.empty() && entry.type != TarType::directory) return problem("an entry has no name");
  if (entry.type == TarType::hardlink) {
    BUILDLAB_TRY(check_path(entry.link, "the target of a hard link"));
    entry.link = canonical_path(entry.link);
    if (entry.link == entry.path) {
      return problem(fmt::format("\"{}\" is a hard link to itself", one_line(entry.path, 120)));
    }
  }
  // Only files have content; others' sizes are what some writers note of the link's target.
  if (entry.type != TarType::file) entry.size = 0;
  m_content_left = entry.size;
  m_padding_left = padding_of(entry.size);
  return {};
}

Result<const TarEntry*> TarReader::next() {
  if (m_ended) return nullptr;
  BUILDLAB_TRY(skip(m_content_left + m_padding_left));
  m_content_left = 0;
  m_padding_left = 0;
  m_entry.clear();
  m_pax_path.reset();
  m_pax_link.reset();
  m_pax_size.reset();
  m_numbers.clear();
  for (int headers = 0;; ++headers) {
    BUILDLAB_ASSIGN(const bool more, read_block());
    if (!more) {
      // Some builders leave the end mark out; that the stream is whole is what its digest tells.
      if (headers > 0) return problem("it ends after a header without an entry");
      m_ended = true;
      return nullptr;
    }
    if (all_zeros(m_block)) {
      if (headers > 0) return problem("its end mark follows a header without an entry");
      m_ended = true;
      m_trailer.size = k_tar_block;
      return nullptr;
    }
    if (!checksum_is_right(m_block)) return problem("a header's checksum is wrong");
    if (headers == k_max_extra_headers) return problem("too many headers before one entry");
    m_entry.header += m_block;
    const char flag = m_block[k_type_at];
    if (flag != 'x' && flag != 'g' && flag != 'L' && flag != 'K') break;
    const auto size = tar_number(get(m_block, k_size));
    if (!size || *size < 0) return problem("a header has a size that is none");
    const std::string name(tar_text(get(m_block, k_name)));
    BUILDLAB_ASSIGN(const std::string text, read_small(static_cast<std::uint64_t>(*size), "a header"));
    if (flag == 'L') m_pax_path = std::string(tar_text(text));
    if (flag == 'K') m_pax_link = std::string(tar_text(text));
    if (flag == 'L' || flag == 'K') m_entry.format = TarFormat::gnu;
    if (flag == 'x') {
      m_entry.format = TarFormat::pax;
      m_entry.pax_name = name;
      BUILDLAB_TRY(take_pax(text));
    }
    // Global records are comments and defaults that container tools neither write nor read (git archive's
    // commit id): kept as bytes of the header only.
  }
  if (++m_count > m_max_entries) return problem(fmt::format("more than {} entries", m_max_entries));
  BUILDLAB_TRY(parse_header());
  return &m_entry;
}

Result<TarReader::Trailer> TarReader::finish() {
  while (true) {
    m_trailer.size += m_piece.size();
    m_trailer.only_zeros = m_trailer.only_zeros && all_zeros(m_piece);
    BUILDLAB_ASSIGN(m_piece, m_source.next());
    if (m_piece.empty()) return m_trailer;
  }
}

}  // namespace buildlab::image
