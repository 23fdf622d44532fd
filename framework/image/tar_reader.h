// A layer's tar, entry by entry, with everything that its headers say, as bytes: names are not converted, the
// format of each header is kept. That is why this is not libarchive's reader, which hides both; what one
// header says is what images are compared by.
//
// Formats: v7, ustar (POSIX.1-1988), GNU (long names, base-256 numbers) and pax (POSIX.1-2001), as in "pax -
// portable archive interchange" of POSIX.1-2017 and the GNU tar manual, "Basic Tar Format".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "framework/image/source.h"

namespace buildlab::image {

enum class TarType { file, hardlink, symlink, character_device, block_device, directory, fifo };
enum class TarFormat { v7, ustar, gnu, pax };
std::string_view to_string(TarFormat format);  // "ustar"

struct TarTime {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;

  friend bool operator==(const TarTime&, const TarTime&) = default;
};

struct TarEntry {
  std::string path;  // without "./", leading and trailing slashes: "etc/passwd"; "" is the root folder
  TarType type = TarType::file;
  std::uint32_t mode = 0;  // permission bits with setuid, setgid, sticky
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  std::string uname;
  std::string gname;
  TarTime mtime;
  std::optional<TarTime> atime;
  std::optional<TarTime> ctime;
  std::uint64_t size = 0;  // of the content that follows
  std::string link;        // target: of a hard link in the form of `path`, of a symbolic link as it stands
  std::uint64_t device_major = 0;
  std::uint64_t device_minor = 0;
  std::map<std::string, std::string> xattrs;   // "security.capability" -> its bytes
  std::map<std::string, std::string> records;  // further pax records
  TarFormat format = TarFormat::ustar;
  std::string written_path;  // as it stands in the header: "./etc/passwd"
  std::string pax_name;      // of the pax header: "etc/PaxHeaders.123/passwd"
  std::string header;        // all header blocks of this entry, byte for byte

  void clear() { *this = TarEntry(); }
};

class TarReader {
 public:
  // `name` begins each message. More than `max_entries` entries are an error.
  TarReader(ByteSource& source, std::string name, std::size_t max_entries = 5'000'000)
      : m_source(source), m_name(std::move(name)), m_max_entries(max_entries) {}

  // The next entry, valid until the next call; what is left of the last one's content is skipped. nullptr at
  // the end mark. Errors: a cut archive, a wrong checksum, a size or number that is none, a path with "..",
  // a path or pax header longer than 1 MiB.
  Result<const TarEntry*> next();
  // The next piece of the entry's content; empty at its end.
  Result<std::string_view> read();
  // How many bytes of the entry's content read() has not given yet.
  std::uint64_t left() const { return m_content_left; }
  // After next() gave nullptr: reads what stands behind the end mark, so that the whole stream was seen.
  // The number of bytes after the last entry; `only_zeros` tells whether they were.
  struct Trailer {
    std::uint64_t size = 0;
    bool only_zeros = true;
  };
  Result<Trailer> finish();

 private:
  Result<bool> read_block();  // false at the end of the source
  Result<std::string> read_small(std::uint64_t size, std::string_view what);
  Status skip(std::uint64_t count);
  Status parse_header();
  Status take_pax(std::string_view text);
  Status take_record(std::string_view key, std::string_view value);
  Status finish_entry();
  Status check_path(const std::string& path, std::string_view what);
  tl::unexpected<Error> problem(std::string_view what) const;

  ByteSource& m_source;
  std::string m_name;
  std::size_t m_max_entries;
  std::string_view m_piece;  // of the source, not yet taken
  std::string m_block;       // one header block
  TarEntry m_entry;
  std::uint64_t m_content_left = 0;
  std::uint64_t m_padding_left = 0;
  std::uint64_t m_offset = 0;
  std::size_t m_count = 0;
  std::optional<std::string> m_pax_path;
  std::optional<std::string> m_pax_link;
  std::optional<std::uint64_t> m_pax_size;
  std::map<std::string, std::string> m_numbers;  // pax records that replace fields of the header
  bool m_ended = false;
  Trailer m_trailer;
};

}  // namespace buildlab::image
