#include "framework/context/copy_index.h"

#include <fmt/format.h>
#include <charconv>
#include <iterator>
#include <optional>

#include "framework/base/digest.h"
#include "framework/base/file.h"

namespace buildlab::context {
namespace {

// First line: format and digest of the rest. Then one entry after the other, each ended by a zero byte.
constexpr std::string_view k_header = "build-lab copy index 1 ";

void write_identity(fmt::memory_buffer& out, const Identity& identity) {
  fmt::format_to(std::back_inserter(out), "{} {} {} {} {} ", identity.size, identity.mtime_ns,
                 identity.ctime_ns, identity.inode, identity.mode);
}

class Reader {
 public:
  explicit Reader(std::string_view line) : m_line(line) {}

  template <typename Number>
  Number number() {
    Number value{};
    const auto parsed = std::from_chars(m_line.data(), m_line.data() + m_line.size(), value);
    m_valid = m_valid && parsed.ec == std::errc();
    m_line.remove_prefix(static_cast<std::size_t>(parsed.ptr - m_line.data()));
    skip_blank();
    return value;
  }
  Identity identity() {
    Identity identity;
    identity.size = number<std::uint64_t>();
    identity.mtime_ns = number<std::int64_t>();
    identity.ctime_ns = number<std::int64_t>();
    identity.inode = number<std::uint64_t>();
    identity.mode = number<std::uint32_t>();
    return identity;
  }
  std::string_view word() {
    const std::string_view word = m_line.substr(0, m_line.find(' '));
    m_line.remove_prefix(word.size());
    skip_blank();
    return word;
  }
  std::string_view rest() const { return m_line; }
  bool valid() const { return m_valid; }

 private:
  void skip_blank() {
    m_valid = m_valid && m_line.starts_with(' ');
    if (m_valid) m_line.remove_prefix(1);
  }
  std::string_view m_line;
  bool m_valid = true;
};

std::optional<std::pair<std::string, IndexEntry>> read_entry(std::string_view line) {
  Reader reader(line);
  IndexEntry entry;
  const std::string_view type = reader.word();
  entry.type = type == "d"   ? EntryType::folder
               : type == "l" ? EntryType::link
               : type == "s" ? EntryType::special
                             : EntryType::file;
  entry.uncertain = reader.number<int>() != 0;
  entry.source = reader.identity();
  entry.copy.identity = reader.identity();
  entry.copy.digest = reader.word();
  if (entry.copy.digest == "-") entry.copy.digest.clear();
  if (!reader.valid() || reader.rest().empty()) return std::nullopt;
  return std::pair(std::string(reader.rest()), std::move(entry));
}

}  // namespace

std::filesystem::path index_path(const std::filesystem::path& copy) {
  return copy.string() + ".index";
}

CopyIndex load_index(const std::filesystem::path& copy) {
  CopyIndex index;
  const auto text = read_file(index_path(copy), Bytes{1ULL << 30U});
  if (!text) return index;
  std::string_view rest = *text;
  const std::string_view header = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), header.size() + 1));
  if (!header.starts_with(k_header) || header.substr(k_header.size()) != sha256(rest).hex()) return index;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    auto entry = read_entry(line);
    if (!entry) return {};
    index.insert(index.end(), std::move(*entry));
  }
  return index;
}

Status save_index(const std::filesystem::path& copy, const CopyIndex& index) {
  fmt::memory_buffer body;
  for (const auto& [path, entry] : index) {
    fmt::format_to(std::back_inserter(body), "{} {} ", static_cast<char>(entry.type),
                   entry.uncertain ? 1 : 0);
    write_identity(body, entry.source);
    write_identity(body, entry.copy.identity);
    fmt::format_to(std::back_inserter(body), "{} {}", entry.copy.digest.empty() ? "-" : entry.copy.digest,
                   path);
    body.push_back('\0');
  }
  const std::string_view rest(body.data(), body.size());
  return write_file_atomic(index_path(copy),
                           fmt::format("{}{}\n", k_header, sha256(rest).hex()) + std::string(rest));
}

}  // namespace buildlab::context
